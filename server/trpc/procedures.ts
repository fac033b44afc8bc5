/**
 * The kinds of procedures. Each adds one fact to the context: who asks, for which account, with which role,
 * about which server. A mutation is recorded in the audit log from the moment that it is known who asks.
 */
import { z } from 'zod';
import { ensureAccount, membershipsOf } from '../accounts/account.ts';
import { type AuditFacts, beginAudit } from '../audit/audit.ts';
import { PublicError } from '../errors.ts';
import type { MemberRole, StaffRole } from '../generated/prisma/enums.ts';
import { idText, text } from '../text.ts';
import type { Context } from './context.ts';
import { baseProcedure, middleware } from './init.ts';
import { loadServer } from './load.ts';

const signedIn = middleware(({ ctx, next }) => {
  if (!ctx.session) throw new PublicError('UNAUTHENTICATED');
  return next({ ctx: { session: ctx.session } });
});

type Recorded = Context & { accountId?: string; actsAsStaff?: boolean };

const withReason = z.object({ reason: text(500).trim().min(1) });

/** Procedures fill `ctx.audit` with what only they know: subject, before, after. */
const recorded = middleware(async ({ ctx, type, path, next, getRawInput }) => {
  const audit: AuditFacts = {};
  if (type !== 'mutation') return next({ ctx: { audit } });
  const { session, request, accountId, actsAsStaff } = ctx as Recorded;
  const said = actsAsStaff ? withReason.safeParse(await getRawInput()) : null;
  const end = await beginAudit(ctx.deps, {
    actor: {
      kind: actsAsStaff ? 'staff' : 'user',
      id: session?.user.id ?? null,
      ip: request.ip,
      userAgent: request.userAgent,
      requestId: request.requestId,
    },
    action: path,
    accountId: accountId ?? null,
    reason: said?.data?.reason ?? null,
  });
  const result = await next({ ctx: { audit } });
  if (result.ok) {
    await end({ ...audit, ok: true });
    ctx.deps.log.info({ path, subject: audit.subject, operationId: operationIn(audit.after) }, 'done');
  } else {
    const { cause, code } = result.error;
    await end({ ...audit, ok: false, errorCode: cause instanceof PublicError ? cause.code : code });
  }
  return result;
});

/** What joins the request's lines in the logs to the operation's. */
const operationIn = (after: AuditFacts['after']): unknown =>
  typeof after === 'object' && after !== null && 'operationId' in after ? after.operationId : undefined;

/** Finds the account that the request works with, and heals a user whose sign-up was cut off. */
const withAccount = middleware(async ({ ctx, next }) => {
  if (!ctx.session) throw new PublicError('UNAUTHENTICATED');
  const { user } = ctx.session;
  let memberships = await membershipsOf(ctx.deps, user.id);
  if (memberships.length === 0 && user.staffRole === null) {
    await ensureAccount(ctx.deps, user);
    memberships = await membershipsOf(ctx.deps, user.id);
  }
  const wanted = ctx.request.accountId;
  const account = wanted ? memberships.find((membership) => membership.accountId === wanted) : memberships[0];
  return next({ ctx: { session: ctx.session, membership: account ?? null } });
});

/** Signed in. `ctx.membership` is null for staff without an account of their own. */
export const userProcedure = baseProcedure.use(signedIn).use(withAccount).use(recorded);

const inAccount = baseProcedure
  .use(signedIn)
  .use(withAccount)
  .use(({ ctx, next }) => {
    // A wrong account is absent; a user without any (staff) lacks a role.
    if (!ctx.membership)
      throw new PublicError(ctx.request.accountId ? 'NOT_FOUND' : 'ROLE_REQUIRED', { params: { role: 'viewer' } });
    return next({
      ctx: { membership: ctx.membership, accountId: ctx.membership.accountId, role: ctx.membership.role },
    });
  });

/** Any member of the account. */
export const accountProcedure = inAccount.use(recorded);

/** Who may change what; the owner may everything. */
export const accountRoleProcedure = (...roles: Exclude<MemberRole, 'owner'>[]) =>
  accountProcedure.use(({ ctx, next }) => {
    if (ctx.role !== 'owner' && !roles.some((role) => role === ctx.role))
      throw new PublicError('ROLE_REQUIRED', { params: { role: roles[0] ?? 'owner' } });
    return next();
  });

const serverInput = z.object({ serverId: idText });

/** Any member, about one server of the account. */
export const serverProcedure = accountProcedure.input(serverInput).use(async ({ ctx, input, next }) => {
  const server = await loadServer(ctx.deps.db, ctx.accountId, input.serverId);
  ctx.audit.subject = `server:${server.id}`;
  return next({ ctx: { server } });
});

/** Owner or operator, about one server of the account. */
export const serverOperatorProcedure = accountRoleProcedure('operator')
  .input(serverInput)
  .use(async ({ ctx, input, next }) => {
    const server = await loadServer(ctx.deps.db, ctx.accountId, input.serverId);
    ctx.audit.subject = `server:${server.id}`;
    return next({ ctx: { server } });
  });

/** Staff with one of the roles; an admin may everything. Others do not learn that it exists. */
export const staffProcedure = (...roles: Exclude<StaffRole, 'admin'>[]) =>
  baseProcedure
    .use(signedIn)
    .use(({ ctx, next }) => {
      const { staffRole } = ctx.session.user;
      if (staffRole === null) throw new PublicError('NOT_FOUND');
      return next({ ctx: { staffRole, actsAsStaff: true } });
    })
    .use(recorded)
    .use(({ ctx, next }) => {
      if (ctx.staffRole !== 'admin' && !roles.some((role) => role === ctx.staffRole))
        throw new PublicError('ROLE_REQUIRED', { params: { role: 'staff' } });
      return next();
    });
