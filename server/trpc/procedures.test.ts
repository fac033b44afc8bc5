import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accountRouter } from '../accounts/router.ts';
import { PublicError } from '../errors.ts';
import { serverId } from '../ids.ts';
import { contextOf, ORIGIN, told } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow } from '../testing/server-row.ts';
import type { RequestFacts, SessionFacts } from './context.ts';
import { createCallerFactory, router } from './init.ts';
import {
  accountProcedure,
  accountRoleProcedure,
  serverOperatorProcedure,
  serverProcedure,
  staffProcedure,
} from './procedures.ts';

let test: TestDatabase;
let deps: TestDeps;
let ran: string[];

const appRouter = router({
  account: accountRouter,
  read: accountProcedure.query(({ ctx }) => ctx.accountId),
  change: accountRoleProcedure('operator')
    .input(
      z.object({ name: z.string().min(1).max(5), size: z.int(), kind: z.enum(['a', 'b']), mail: z.email() }).partial(),
    )
    .mutation(({ ctx, input }) => {
      ran.push(ctx.accountId);
      ctx.audit.after = { name: input.name ?? '' };
    }),
  server: serverProcedure.query(({ ctx }) => ctx.server.name),
  serverChange: serverOperatorProcedure.mutation(({ ctx }) => ctx.server.id),
  staff: staffProcedure('operator').mutation(({ ctx }) => {
    ctx.audit.subject = 'host:h1';
    return ctx.staffRole;
  }),
  operate: serverOperatorProcedure.mutation(({ ctx }) => {
    ctx.audit.after = { operationId: 'op_1' };
  }),
  boom: accountProcedure.mutation(() => {
    throw new Error('the secret is hunter2', { cause: new Error('connect ECONNREFUSED') });
  }),
  refused: accountProcedure.mutation(() => {
    throw new PublicError('LIMIT', { params: { limit: 'servers', value: 10 } });
  }),
});
const createCaller = createCallerFactory(appRouter);

const callerOf = (session: SessionFacts | null, change: Partial<RequestFacts> = {}) =>
  createCaller(contextOf(deps, session, change));

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  ran = [];
});
afterAll(() => test.drop());

describe('who may ask', () => {
  it('nobody without a session', async () => {
    expect(await told(callerOf(null).read())).toMatchObject({ code: 'UNAUTHENTICATED', http: 'UNAUTHORIZED' });
    expect(await told(callerOf(null).staff())).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each([
    ['owner', true],
    ['operator', true],
    ['billing', false],
    ['viewer', false],
  ] as const)('a change for owner and operator: %s %s', async (role, isAllowed) => {
    const owner = await createPerson(deps);
    const { session, accountId } =
      role === 'owner' ? owner : await createPerson(deps, { role, accountId: owner.accountId });
    const change = callerOf(session).change({});
    if (isAllowed) await change;
    else expect(await told(change)).toMatchObject({ code: 'ROLE_REQUIRED', params: { role: 'operator' } });
    expect(ran.includes(accountId)).toBe(isAllowed);
  });

  it('the account that the request names, if the user belongs to it', async () => {
    const [a, b] = [await createPerson(deps), await createPerson(deps)];
    expect(await callerOf(a.session).read()).toBe(a.accountId);
    expect(await callerOf(a.session, { accountId: a.accountId }).read()).toBe(a.accountId);
    expect(await told(callerOf(a.session, { accountId: b.accountId }).read())).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a user whose sign-up was cut off gets an account, only one, also when asked twice at once', async () => {
    const { session, accountId } = await createPerson(deps);
    await test.db.member.deleteMany({ where: { userId: session.user.id } });
    const answers = await Promise.all([1, 2, 3].map(() => callerOf(session).read()));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toBe(accountId);
    expect(await test.db.member.count({ where: { userId: session.user.id } })).toBe(1);
  });

  it('staff by their role; others do not learn that there is such a thing', async () => {
    const customer = await createPerson(deps);
    expect(await told(callerOf(customer.session).staff())).toMatchObject({ code: 'NOT_FOUND' });
    const support = await createPerson(deps, { staffRole: 'support' });
    expect(await told(callerOf(support.session).staff())).toMatchObject({ code: 'ROLE_REQUIRED' });
    expect(await callerOf((await createPerson(deps, { staffRole: 'operator' })).session).staff()).toBe('operator');
    expect(await callerOf((await createPerson(deps, { staffRole: 'admin' })).session).staff()).toBe('admin');
  });

  it('staff have no account of a customer', async () => {
    const { session } = await createPerson(deps, { staffRole: 'admin' });
    expect(await told(callerOf(session).read())).toMatchObject({ code: 'ROLE_REQUIRED' });
    expect(await callerOf(session).account.me()).toMatchObject({ account: null, staffRole: 'admin' });
  });
});

describe('the account-scoped loader', () => {
  it("finds one's own server; another's is absent, as one that never was", async () => {
    const [a, b] = [await createPerson(deps), await createPerson(deps)];
    const id = await createServerRow(deps, a.accountId);
    expect(await callerOf(a.session).server({ serverId: id })).toBe('web-1');
    const another = await told(callerOf(b.session).server({ serverId: id }));
    const never = await told(callerOf(b.session).server({ serverId: serverId() }));
    expect(another).toEqual(never);
    expect(another).toMatchObject({ code: 'NOT_FOUND', params: {} });
    expect(await told(callerOf(b.session).serverChange({ serverId: id }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await callerOf(a.session).serverChange({ serverId: id })).toBe(id);
  });
});

describe('a change', () => {
  it.each([null, 'http://localhost:8081', 'http://evil.example', 'null', `${ORIGIN}/`])(
    'from another origin is refused: %s',
    async (from) => {
      const { session, accountId } = await createPerson(deps);
      expect(await told(callerOf(session, { origin: from }).change({}))).toMatchObject({ code: 'BAD_ORIGIN' });
      expect(ran).not.toContain(accountId);
      expect(await callerOf(session, { origin: from }).read()).toBe(accountId);
    },
  );

  it('is in the audit log with its beginning and its end', async () => {
    const { session, accountId } = await createPerson(deps);
    await callerOf(session, { requestId: 'r-1' }).change({ name: 'x' });
    const rows = await test.db.audit.findMany({ where: { requestId: 'r-1' }, orderBy: { id: 'asc' } });
    expect(rows).toMatchObject([
      { phase: 'started', action: 'change', actorKind: 'user', actorId: session.user.id, accountId, ip: '192.0.2.7' },
      { phase: 'completed', after: { name: 'x' }, errorCode: null },
    ]);
    expect(rows[0]?.entryId).toBe(rows[1]?.entryId);
  });

  it('is recorded as failed when it was refused, and when it broke', async () => {
    const owner = await createPerson(deps);
    const viewer = await createPerson(deps, { role: 'viewer', accountId: owner.accountId });
    await told(callerOf(viewer.session, { requestId: 'r-2' }).change({}));
    await told(callerOf(owner.session, { requestId: 'r-3' }).boom());
    await told(callerOf((await createPerson(deps, { staffRole: 'support' })).session, { requestId: 'r-4' }).staff());
    const end = (requestId: string) => test.db.audit.findFirst({ where: { requestId, phase: 'failed' } });
    expect(await end('r-2')).toMatchObject({ errorCode: 'ROLE_REQUIRED', actorId: viewer.session.user.id });
    expect(await end('r-3')).toMatchObject({ errorCode: 'INTERNAL_SERVER_ERROR' });
    expect(await end('r-4')).toMatchObject({ errorCode: 'ROLE_REQUIRED', actorKind: 'staff' });
  });

  it('that cannot be recorded is not done', async () => {
    const { session, accountId } = await createPerson(deps);
    const caller = createCaller(contextOf({ ...deps, db: withoutAudit() }, session));
    expect(await told(caller.change({}))).toMatchObject({ code: 'INTERNAL' });
    expect(ran).not.toContain(accountId);
  });
});

describe('errors', () => {
  it('a change that is done leaves a line that joins the request to its operation; a query leaves none', async () => {
    const person = await createPerson(deps);
    const id = await createServerRow(deps, person.accountId);
    const caller = callerOf(person.session, { requestId: 'req_line' });
    await caller.operate({ serverId: id });
    await caller.server({ serverId: id });
    expect(deps.logged().filter((line) => line.requestId === 'req_line')).toMatchObject([
      { msg: 'done', path: 'operate', operationId: 'op_1', subject: `server:${id}` },
    ]);
  });

  it('say nothing of what happened inside; the log has the chain under the id that the person sees', async () => {
    const { session } = await createPerson(deps);
    const wire = await told(callerOf(session).boom());
    expect(wire).toMatchObject({ code: 'INTERNAL', message: 'INTERNAL', id: expect.stringMatching(/^E-[A-Z2-7]{6}$/) });
    expect(JSON.stringify(wire)).not.toMatch(/hunter2|ECONNREFUSED/);
    expect(deps.logged().find((line) => line.errorId === wire.id)).toMatchObject({
      path: 'boom',
      requestId: expect.any(String),
      err: { message: 'the secret is hunter2', cause: { message: 'connect ECONNREFUSED' } },
    });
  });

  it('that are ours pass with code and params', async () => {
    const { session } = await createPerson(deps);
    expect(await told(callerOf(session).refused())).toMatchObject({
      code: 'LIMIT',
      http: 'PRECONDITION_FAILED',
      params: { limit: 'servers', value: 10 },
    });
  });

  it('of input name each field once, with the numbers that the words need', async () => {
    const { session } = await createPerson(deps);
    const change = (input: object) => told(callerOf(session).change(input as never));
    expect(await change({ name: '長い名前です', size: 1.5, kind: 'c', mail: 'x' })).toMatchObject({
      code: 'INPUT',
      http: 'BAD_REQUEST',
      fields: {
        name: { code: 'too-long', params: { max: 5, length: 6 } },
        size: { code: 'format' },
        kind: { code: 'choose' },
        mail: { code: 'email-format' },
      },
    });
    expect(await change({ name: '', kind: null })).toMatchObject({
      fields: { name: { code: 'empty' }, kind: { code: 'empty' } },
    });
  });
});

function withoutAudit(): TestDeps['db'] {
  return new Proxy(test.db, {
    get: (db, key) =>
      key === 'audit' ? { create: () => Promise.reject(new Error('no space left')) } : Reflect.get(db, key),
  });
}
