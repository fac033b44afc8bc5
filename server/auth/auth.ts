/**
 * Signing up, in and out: better-auth behind a narrow door. Only the four paths that the panel uses are open,
 * changes must come from our own pages, attempts are limited by address and by e-mail address (attempts.ts), and what
 * happened is in the audit log. An unknown e-mail address gets the same answer after the same work (better-auth
 * hashes the password all the same).
 *
 * better-auth's `account` is our Credential; our Account (who pays) is made after the sign-up (accounts/).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { z } from 'zod';
import { ensureAccount } from '../accounts/account.ts';
import { staffRole as staffRoleSchema } from '../accounts/schema.ts';
import { beginAudit } from '../audit/audit.ts';
import type { Deps } from '../deps.ts';
import { type IdKind, newId } from '../ids.ts';
import { text } from '../text.ts';
import type { SessionFacts } from '../trpc/context.ts';
import { auditRefusal, countSignIn, emailSubject, forgetSignIns, userOf } from './attempts.ts';
import { countAttempt } from './limits.ts';
import { hashPassword, isKnownWeak, PASSWORD_MAX, PASSWORD_MIN, verifyPassword } from './passwords.ts';

const AUTH_PATH = '/api/auth';

const paths = { signUp: '/sign-up/email', signIn: '/sign-in/email', signOut: '/sign-out', session: '/get-session' };
const openPaths = new Set(Object.values(paths));

/** By the sender's address (a /64 for IPv6). A household or an office shares one. */
const addressLimits: Record<string, { window: number; max: number }> = {
  [paths.signUp]: { window: 600, max: 30 },
  [paths.signIn]: { window: 600, max: 60 },
};
/** What is recorded, as the audit log calls it. */
const actions: Record<string, string> = {
  [paths.signUp]: 'auth.signUp',
  [paths.signIn]: 'auth.signIn',
};
const pathOf = (request: Request): string => new URL(request.url).pathname.slice(AUTH_PATH.length);

const idKinds: Record<string, IdKind> = { user: 'usr', session: 'ses', account: 'crd', verification: 'vfn' };

const person = z.object({ email: text(320), name: z.string().default(''), password: z.string() });
const signUpBody = z.object({ name: text(100).trim().min(1), locale: z.enum(['ja', 'en']).optional() });

/** @throws APIError for what no form of ours sends */
function read(body: unknown): z.infer<typeof person> {
  const { data } = person.safeParse(body);
  if (!data)
    throw new APIError('BAD_REQUEST', { code: 'BODY_INVALID', message: 'E-mail address and password are text' });
  return data;
}

export type Auth = {
  /** Answers /api/auth/*. */
  handler: (request: Request) => Promise<Response>;
  /** null: not signed in. */
  sessionOf: (headers: Headers) => Promise<SessionFacts | null>;
};

export function createAuth(deps: Deps, { origin, secret }: { origin: string; secret: string }): Auth {
  const { db, log, random } = deps;
  /** The request that is being answered, for the limiter by address, which is told nothing but its key. */
  const asking = new AsyncLocalStorage<Request>();

  const before = createAuthMiddleware(async (ctx) => {
    if (ctx.path === paths.signUp) {
      const { email, name, password } = read(ctx.body);
      if (!signUpBody.safeParse(ctx.body).success)
        throw new APIError('BAD_REQUEST', { code: 'NAME_INVALID', message: 'The name is empty or too long' });
      if (isKnownWeak(password, { email, name }))
        throw new APIError('BAD_REQUEST', { code: 'PASSWORD_KNOWN_WEAK', message: 'The password is easy to guess' });
    }
    if (ctx.path === paths.signIn) {
      const { email } = read(ctx.body);
      const headers = ctx.headers ?? new Headers();
      const attempt = await countSignIn(deps, email, headers);
      if (attempt.allowed) return;
      const { refused } = attempt;
      await auditRefusal(deps, headers, { action: 'auth.signIn', subject: emailSubject(email), refused });
      const seconds = String(attempt.retryAfterSeconds);
      throw new APIError(
        'TOO_MANY_REQUESTS',
        { code: 'TOO_MANY_REQUESTS', message: 'Too many attempts' },
        { 'X-Retry-After': seconds, 'Retry-After': seconds },
      );
    }
  });

  const after = createAuthMiddleware(async (ctx) => {
    if (ctx.path !== paths.signUp && ctx.path !== paths.signIn) return;
    const user = ctx.context.newSession?.user;
    const typed = person.safeParse(ctx.body);
    const failure = ctx.context.returned instanceof APIError ? ctx.context.returned : null;
    const headers = ctx.headers ?? new Headers();
    if (user && ctx.path === paths.signIn) await forgetSignIns(deps, user.email, headers);
    const subject = user ? `user:${user.id}` : typed.success ? emailSubject(typed.data.email) : null;
    const end = await beginAudit(deps, {
      actor: userOf(user?.id ?? null, headers),
      action: actions[ctx.path] ?? ctx.path,
      subject,
    });
    await end(failure ? { ok: false, errorCode: String(failure.body?.code ?? failure.status) } : { ok: true });
  });

  const auth = betterAuth({
    baseURL: origin,
    basePath: AUTH_PATH,
    secret,
    trustedOrigins: [origin],
    database: prismaAdapter(db, { provider: 'postgresql', transaction: true }),
    telemetry: { enabled: false },
    logger: {
      level: 'info',
      log: (level, message, ...details) => {
        const err = details.find((detail) => detail instanceof Error);
        log[level === 'error' || level === 'warn' ? level : 'debug']({ ...(err && { err }), from: 'auth' }, message);
      },
    },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_MIN,
      maxPasswordLength: PASSWORD_MAX,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    // The list of sessions tells when each was used last; once in ten minutes is exact enough for a row written.
    session: { updateAge: 600 },
    user: {
      additionalFields: {
        locale: { type: ['ja', 'en'], required: false, defaultValue: 'ja' },
        theme: { type: 'string', required: false, defaultValue: 'system', input: false },
        staffRole: { type: 'string', required: false, input: false },
      },
    },
    account: { modelName: 'credential' },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 600,
      customRules: addressLimits,
      customStorage: {
        consume: async (key, { window, max }) => {
          const attempt = await countAttempt(deps, `address:${key}`, { max, windowSeconds: window });
          if (attempt.allowed) return { allowed: true, retryAfter: null };
          const request = asking.getStore();
          const action = request && actions[pathOf(request)];
          if (action) await auditRefusal(deps, request.headers, { action, refused: attempt.refused });
          return { allowed: false, retryAfter: attempt.retryAfterSeconds };
        },
      },
    },
    databaseHooks: { user: { create: { after: (user) => ensureAccount(deps, user) } } },
    hooks: { before, after },
    advanced: {
      cookiePrefix: 'tsubo',
      useSecureCookies: origin.startsWith('https:'),
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true },
      // As attempts.ts does.
      ipAddress: { ipAddressHeaders: ['x-forwarded-for'] },
      database: { generateId: ({ model }) => newId(idKinds[model] ?? 'req', random) },
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
  });

  /** Whose session it was is known only before it ends. */
  async function signOut(request: Request): Promise<Response> {
    const found = await auth.api.getSession({ headers: request.headers });
    if (!found) return auth.handler(request);
    const { id } = found.user;
    const actor = userOf(id, request.headers);
    const end = await beginAudit(deps, { actor, action: 'auth.signOut', subject: `user:${id}` });
    const response = await auth.handler(request);
    await end(response.ok ? { ok: true } : { ok: false, errorCode: String(response.status) });
    return response;
  }

  return {
    async handler(request) {
      const path = pathOf(request);
      if (!openPaths.has(path)) return Response.json({ code: 'NOT_FOUND' }, { status: 404 });
      if (request.method !== 'GET' && request.headers.get('origin') !== origin)
        return Response.json({ code: 'INVALID_ORIGIN' }, { status: 403 });
      return asking.run(request, () => (path === paths.signOut ? signOut(request) : auth.handler(request)));
    },
    async sessionOf(headers) {
      const found = await auth.api.getSession({ headers });
      if (!found) return null;
      const { id, name, email, locale, theme } = found.user;
      const staffRole = staffRoleSchema.safeParse(found.user.staffRole);
      return {
        id: found.session.id,
        user: {
          id,
          name,
          email,
          locale: locale ?? 'ja',
          theme: theme ?? 'system',
          staffRole: staffRole.success ? staffRole.data : null,
        },
      };
    },
  };
}
