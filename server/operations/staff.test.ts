/** Staff act for a customer: with a reason, on record, in the customer's sight, and once per click. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { contextOf, told } from '../testing/calls.ts';
import { createPerson } from '../testing/people.ts';
import { createCaller } from '../trpc/root.ts';
import { createHarness, type Harness, hostError } from './testing.ts';
import { ACCOUNT } from './testing-stock.ts';

vi.setConfig({ testTimeout: 60_000 });

let h: Harness;
let supportId: string;
type Caller = ReturnType<typeof createCaller>;
let support: Caller;
let colleague: Caller;
let customer: Caller;
beforeAll(async () => {
  h = await createHarness();
  const callerOf = async (...person: Parameters<typeof createPerson> extends [unknown, ...infer R] ? R : never) => {
    const { session } = await createPerson(h.deps, ...person);
    return { session, caller: createCaller(contextOf(h.deps, session)) };
  };
  const first = await callerOf({ staffRole: 'support' });
  supportId = first.session.user.id;
  support = first.caller;
  colleague = (await callerOf({ staffRole: 'operator' })).caller;
  customer = (await callerOf({ accountId: ACCOUNT, role: 'viewer' })).caller;
});
afterAll(() => h.drop());

/** An operation that gave up in the middle. */
async function stuck(): Promise<{ operationId: string; serverId: string }> {
  const { operationId, serverId } = await h.place();
  h.agent.inject({ call: 'putDomain', when: 'before', error: hostError('HYPERVISOR') });
  h.agent.inject({ call: 'removeServer', when: 'before', error: hostError('HYPERVISOR') });
  expect(await h.run(operationId)).toBe('stuck');
  return { operationId, serverId };
}

test('without a reason nothing is done', async () => {
  const { operationId } = await stuck();
  for (const reason of ['', '  \u3000 ', undefined as unknown as string])
    for (const act of [support.staff.operations.retry, support.staff.operations.undo])
      expect(await told(act({ operationId, attempt: 1, reason }))).toMatchObject({
        code: 'INPUT',
        fields: { reason: { code: 'empty' } },
      });
  expect(await told(support.staff.operations.undo({ operationId, attempt: 1, reason: 'x'.repeat(501) }))).toMatchObject(
    { fields: { reason: { code: 'too-long', params: { max: 500, length: 501 } } } },
  );
  expect(await h.deps.db.operation.findUnique({ where: { id: operationId } })).toMatchObject({ attempt: 1 });
  await support.staff.operations.undo({ operationId, attempt: 1, reason: 'clean up' });
  await h.run(operationId);
});

test('the reason is on record for the account, and the customer reads it with its time', async () => {
  const { operationId, serverId } = await stuck();
  await support.staff.operations.retry({ operationId, attempt: 1, reason: '  ディスクを空けました ' });
  const [started] = await h.deps.db.audit.findMany({ where: { entryId: `${operationId}.2`, phase: 'started' } });
  const by = { actorKind: 'staff', actorId: supportId, reason: 'ディスクを空けました', onBehalfOf: ACCOUNT };
  expect(started).toMatchObject({ ...by, accountId: ACCOUNT, action: 'operation.create' });
  expect(await h.run(operationId)).toBe('succeeded');
  expect(await h.deps.db.audit.findFirst({ where: { entryId: `${operationId}.2`, phase: 'completed' } })).toMatchObject(
    by,
  );
  expect(
    await h.deps.db.audit.findFirst({
      where: { action: 'staff.operations.retry', phase: 'completed', subject: `operation:${operationId}` },
    }),
  ).toMatchObject({ ...by, accountId: ACCOUNT });

  const acts = [{ act: 'retry', at: started?.at.toISOString(), reason: 'ディスクを空けました' }];
  expect((await customer.operations.get({ operationId })).staffActs).toEqual(acts);
  const [last] = await customer.operations.listForServer({ serverId });
  expect(last?.staffActs).toEqual(acts);
  // What the customer asked for is nobody's act but theirs.
  await h.run(await h.request('delete', serverId));
  expect((await customer.operations.listForServer({ serverId })).map(({ staffActs }) => staffActs.length)).toEqual([
    0, 1,
  ]);
});

test('every act is told, the oldest first', async () => {
  const { operationId } = await stuck();
  h.agent.inject({ call: 'putDomain', when: 'before', error: hostError('HYPERVISOR') });
  h.agent.inject({ call: 'removeServer', when: 'before', error: hostError('HYPERVISOR') });
  await support.staff.operations.retry({ operationId, attempt: 1, reason: 'one' });
  expect(await h.run(operationId)).toBe('stuck');
  await colleague.staff.operations.undo({ operationId, attempt: 2, reason: 'two' });
  expect(await h.run(operationId)).toBe('undone');
  expect((await customer.operations.get({ operationId })).staffActs.map(({ act, reason }) => [act, reason])).toEqual([
    ['retry', 'one'],
    ['undo', 'two'],
  ]);
});

test('the same click heard twice is one act; a colleague who decides on what is past is refused', async () => {
  const { operationId } = await stuck();
  const click = { operationId, attempt: 1, reason: 'asked by phone' };
  await Promise.all([support.staff.operations.retry(click), support.staff.operations.retry(click)]);
  expect(await told(colleague.staff.operations.retry(click))).toMatchObject({ code: 'NOT_POSSIBLE' });
  // The same person, but another decision.
  expect(await told(support.staff.operations.undo(click))).toMatchObject({ code: 'NOT_POSSIBLE' });
  expect(await h.run(operationId)).toBe('succeeded');
  await support.staff.operations.retry(click);
  expect(await h.deps.db.operation.findUnique({ where: { id: operationId } })).toMatchObject({
    attempt: 2,
    state: 'succeeded',
  });
});

test('in the audit log an undo that succeeded is one, and one that failed is not', async () => {
  const { operationId } = await stuck();
  h.agent.inject({ call: 'removeServer', when: 'before', error: hostError('HYPERVISOR') });
  await support.staff.operations.undo({ operationId, attempt: 1, reason: 'one' });
  expect(await h.run(operationId)).toBe('stuck');
  await support.staff.operations.undo({ operationId, attempt: 2, reason: 'two' });
  expect(await h.run(operationId)).toBe('undone');
  const rows = await h.deps.db.audit.findMany({
    where: { entryId: { startsWith: `${operationId}.` } },
    orderBy: { id: 'asc' },
  });
  const undo = { direction: 'undo' };
  expect(rows.map(({ entryId, phase, errorCode, after }) => [entryId.split('.')[1], phase, errorCode, after])).toEqual([
    ['1', 'started', null, null],
    ['1', 'failed', expect.any(String), null],
    ['2', 'started', null, undo],
    ['2', 'failed', expect.any(String), undo],
    ['3', 'started', null, undo],
    ['3', 'completed', null, undo],
  ]);
});
