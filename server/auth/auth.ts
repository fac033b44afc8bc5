/**
 * Signing up, in and out: better-auth behind a narrow door. Only the four paths that the panel uses are open,
 * changes must come from our own pages, attempts are limited by address and by e-mail address, and what
 * happened is in the audit log. An unknown e-mail address gets the same answer after the same work (better-auth
 * hashes the password all the same).
 *
 * better-auth's `account` is our Credential; our Account (who pays) is made after the sign-up (accounts/).
 */
import { createHash } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { z } from 'zod';
import { ensureAccount } from '../accounts/account.ts';
import { staffRole as staffRoleSchema } from '../accounts/schema.ts';
import { beginAudit } from '../audit/audit.ts';
import type { Deps } from '../deps.ts';
import { type IdKind, newId } from '../ids.ts';
import type { SessionFacts } from '../trpc/context.ts';
import { countAttempt, forgetAttempts, type LimitRule } from './limits.ts';
import { hashPassword, isKnownWeak, PASSWORD_MAX, PASSWORD_MIN, verifyPassword } from './passwords.ts';

const AUTH_PATH = '/api/auth';

const paths = { signUp: '/sign-up/email', signIn: '/sign-in/email', signOut: '/sign-out', session: '/get-session' };
const openPaths = new Set(Object.values(paths));

/** By the sender's address (a /64 for IPv6). A household or an office shares one. */
const addressLimits: Record<string, { window: number; max: number }> = {
  [paths.signUp]: { window: 600, max: 30 },
  [paths.signIn]: { window: 600, max: 60 },
};
/** Wrong passwords by e-mail address, from wherever they come. */
const emailLimit: LimitRule = { max: 10, windowSeconds: 900 };
const emailKey = (email: string): string => `email:${createHash('sha256').update(email.toLowerCase()).digest('hex')}`;

const idKinds: Record<string, IdKind> = { user: 'usr', session: 'ses', account: 'crd', verification: 'vfn' };

const person = z.object({ email: z.string(), name: z.string().default(''), password: z.string().default('') });
const signUpBody = z.object({ name: z.string().trim().min(1).max(100), locale: z.enum(['ja', 'en']).optional() });

export type Auth = {
  /** Answers /api/auth/*. */
  handler: (request: Request) => Promise<Response>;
  /** null: not signed in. */
  sessionOf: (headers: Headers) => Promise<SessionFacts | null>;
};

export function createAuth(deps: Deps, { origin, secret }: { origin: string; secret: string }): Auth {
  const { db, log, random } = deps;

  const before = createAuthMiddleware(async (ctx) => {
    if (ctx.path === paths.signUp) {
      const { email, name, password } = person.parse(ctx.body);
      if (!signUpBody.safeParse(ctx.body).success)
        throw new APIError('BAD_REQUEST', { code: 'NAME_INVALID', message: 'The name is empty or too long' });
      if (isKnownWeak(password, { email, name }))
        throw new APIError('BAD_REQUEST', { code: 'PASSWORD_KNOWN_WEAK', message: 'The password is easy to guess' });
    }
    if (ctx.path === paths.signIn) {
      const attempt = await countAttempt(deps, emailKey(person.parse(ctx.body).email), emailLimit);
      if (attempt.allowed) return;
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
    const failure = ctx.context.returned instanceof APIError ? ctx.context.returned : null;
    if (user && ctx.path === paths.signIn) await forgetAttempts(db, emailKey(user.email));
    const headers = ctx.headers ?? new Headers();
    const end = await beginAudit(deps, {
      actor: {
        kind: 'user',
        id: user?.id ?? null,
        ip: headers.get('x-forwarded-for'),
        userAgent: headers.get('user-agent'),
        requestId: headers.get('x-request-id'),
      },
      action: ctx.path === paths.signUp ? 'auth.signUp' : 'auth.signIn',
      ...(user && { subject: `user:${user.id}` }),
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
          return { allowed: attempt.allowed, retryAfter: attempt.allowed ? null : attempt.retryAfterSeconds };
        },
      },
    },
    databaseHooks: { user: { create: { after: (user) => ensureAccount(deps, user) } } },
    hooks: { before, after },
    advanced: {
      cookiePrefix: 'tsubo',
      useSecureCookies: origin.startsWith('https:'),
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true },
      // nginx overwrites it with the one address that it sees; the app itself listens on loopback only.
      ipAddress: { ipAddressHeaders: ['x-forwarded-for'] },
      database: { generateId: ({ model }) => newId(idKinds[model] ?? 'req', random) },
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
  });

  return {
    async handler(request) {
      const path = new URL(request.url).pathname.slice(AUTH_PATH.length);
      if (!openPaths.has(path)) return Response.json({ code: 'NOT_FOUND' }, { status: 404 });
      if (request.method !== 'GET' && request.headers.get('origin') !== origin)
        return Response.json({ code: 'INVALID_ORIGIN' }, { status: 403 });
      return auth.handler(request);
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
