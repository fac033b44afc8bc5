/**
 * Every procedure with its authorisation. A procedure that is not in the table, or is there as another kind than
 * it is, fails this test: nobody adds one without saying who may call it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, serverId } from '../ids.ts';
import { contextOf } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow, placeServer } from '../testing/server-row.ts';
import type { SessionFacts } from './context.ts';
import { wireOf } from './errors.ts';
import { appRouter, createCaller } from './root.ts';

type Rule = {
  /**
   * user: anybody signed in · member: of the account · operator: owner or operator of the account
   * · staff: any staff role that is named, and admin
   */
  who: 'user' | 'member' | 'operator' | 'staff';
  /** With ids of another account's rows. Absent: nothing in its input names a row of an account. */
  foreign?: (ids: {
    serverId: string;
    operationId: string;
    sshKeyId: string;
    userKeyId: string;
    sessionId: string;
  }) => unknown;
  /** A harmless input for those whose rights end before anything is read. */
  input?: unknown;
  /** staff: roles that may not. */
  refusedStaff?: ('support' | 'billing')[];
};

const onServer = (more: object = {}): Pick<Rule, 'foreign'> => ({
  foreign: ({ serverId: id }) => ({ serverId: id, ...more }),
});
const anOrder: Rule['foreign'] = ({ sshKeyId }) => ({
  clientKey: crypto.randomUUID(),
  zoneId: 'test-zone',
  planId: 'test-plan',
  imageId: 'test-image',
  name: 'web-9',
  signIn: { method: 'keys', sshKeyIds: [sshKeyId] },
  seenYenWithTax: 0,
});
const operationId = 'op_aaaaaaaaaaaaaaaa';
const decision = { operationId, attempt: 1, reason: 'asked by phone' };

const rules: Record<string, Rule> = {
  'account.me': { who: 'user' },
  'account.preferences': { who: 'user', input: {} },
  'account.sessions': { who: 'user' },
  'account.endSession': { who: 'user', foreign: ({ sessionId }) => ({ id: sessionId }) },
  'account.endOtherSessions': { who: 'user' },
  'account.changePassword': { who: 'user', input: { current: 'x', password: 'y' } },
  'sshKeys.list': { who: 'member' },
  'sshKeys.read': { who: 'member', input: { publicKey: '' } },
  'sshKeys.add': { who: 'operator', input: { publicKey: '' } },
  'sshKeys.remove': { who: 'operator', foreign: ({ sshKeyId }) => ({ id: sshKeyId }) },
  'userKeys.list': { who: 'user' },
  'userKeys.add': { who: 'user', input: { publicKey: '' } },
  'userKeys.remove': { who: 'user', foreign: ({ userKeyId }) => ({ id: userKeyId }) },
  'catalog.installation': { who: 'user' },
  'catalog.orderOptions': { who: 'member' },
  'servers.list': { who: 'member' },
  'servers.get': { who: 'member', ...onServer() },
  'servers.history': { who: 'member', ...onServer() },
  'servers.checkOrder': { who: 'operator', foreign: anOrder },
  'servers.order': { who: 'operator', foreign: anOrder },
  'servers.start': { who: 'operator', ...onServer() },
  'servers.stop': { who: 'operator', ...onServer() },
  'servers.restart': { who: 'operator', ...onServer({ onTimeout: 'give-up' }) },
  'servers.forceOff': { who: 'operator', ...onServer() },
  'servers.delete': { who: 'operator', ...onServer({ confirmName: 'web-1' }) },
  'servers.rename': { who: 'operator', ...onServer({ name: 'web-2' }) },
  'servers.protect': { who: 'operator', ...onServer({ on: true }) },
  'consoles.open': { who: 'member', ...onServer({ kind: 'serial' }) },
  'consoles.who': { who: 'member', ...onServer() },
  // One's own; those of others are for owner and operators: consoles/end.test.ts.
  'consoles.end': { who: 'member', ...onServer({ consoleId: 'con_none' }) },
  'operations.get': { who: 'member', foreign: (ids) => ({ operationId: ids.operationId }) },
  'operations.listForServer': { who: 'member', ...onServer() },
  'staff.search': { who: 'staff', refusedStaff: ['billing'], input: { query: 'web' } },
  'staff.images.list': { who: 'staff', refusedStaff: ['billing'] },
  'staff.hosts.list': { who: 'staff', refusedStaff: ['billing'] },
  'staff.hosts.setAcceptsNew': {
    who: 'staff',
    refusedStaff: ['support', 'billing'],
    input: { hostId: 'hst_none', acceptsNew: false },
  },
  'staff.consoles.list': { who: 'staff', refusedStaff: ['billing'] },
  'staff.consoles.end': {
    who: 'staff',
    refusedStaff: ['billing'],
    input: { consoleId: 'con_none', reason: 'asked by phone' },
  },
  'staff.servers.attention': { who: 'staff', refusedStaff: ['billing'] },
  'staff.operations.list': { who: 'staff', refusedStaff: ['billing'] },
  'staff.operations.get': { who: 'staff', refusedStaff: ['billing'], input: { operationId } },
  'staff.operations.retry': { who: 'staff', refusedStaff: ['billing'], input: decision },
  'staff.operations.undo': { who: 'staff', refusedStaff: ['billing'], input: decision },
  // Its rights are checked at every delivery: events/hub.test.ts.
  'events.stream': { who: 'user' },
};

let test: TestDatabase;
let deps: TestDeps;
let owner: { session: SessionFacts; accountId: string };
let other: { session: SessionFacts; accountId: string };
let ids: { serverId: string; operationId: string; sshKeyId: string; userKeyId: string; sessionId: string };

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  [owner, other] = [await createPerson(deps), await createPerson(deps)];
  const createdAt = deps.clock.now();
  const [id, keyId] = [newId('op'), newId('key')];
  const server = await createServerRow(deps, owner.accountId);
  await placeServer(deps, server, 'running');
  await test.db.image.update({
    where: { id: 'test-image' },
    data: { state: 'ready', digest: 'a'.repeat(64), bytes: 1 },
  });
  await test.db.operation.create({
    data: {
      ...{ id, accountId: owner.accountId, serverId: server, kind: 'create', state: 'succeeded', input: {} },
      ...{ generation: 1, createdAt, endedAt: createdAt },
    },
  });
  const key = { name: 'k', type: 'ssh-ed25519', publicKey: 'ssh-ed25519 AAAA', fingerprint: 'SHA256:x' };
  await test.db.sshKey.create({ data: { id: keyId, accountId: owner.accountId, ...key, createdAt } });
  const userKeyId = newId('ukey');
  const fingerprint = `SHA256:${'x'.repeat(43)}`;
  await test.db.userKey.create({
    data: { ...key, id: userKeyId, userId: owner.session.user.id, fingerprint, createdAt },
  });
  ids = { serverId: server, operationId: id, sshKeyId: keyId, userKeyId, sessionId: owner.session.id };
});
afterAll(() => test.drop());

/** Public error code of a call, or null when it was answered. */
async function codeOf(session: SessionFacts | null, path: string, input?: unknown): Promise<string | null> {
  const caller = createCaller(contextOf(deps, session));
  const procedure = path.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], caller);
  try {
    await (procedure as (input: unknown) => Promise<unknown>)(input);
    return null;
  } catch (error) {
    return wireOf(error as Parameters<typeof wireOf>[0]).code;
  }
}
const inputOf = ({ foreign, input }: Rule) => foreign?.(ids) ?? input;
const table = Object.entries(rules);

it('is said for every procedure, and for nothing that is none', () => {
  const procedures = Object.keys((appRouter as unknown as { _def: { procedures: object } })._def.procedures);
  expect(Object.keys(rules).sort()).toEqual(procedures.sort());
});

it.each(table)('%s: nobody without a session', async (path, rule) => {
  expect(await codeOf(null, path, inputOf(rule))).toBe('UNAUTHENTICATED');
});

describe("another account's rows are absent", () => {
  it.each(table.filter(([, rule]) => rule.foreign))('%s', async (path, rule) => {
    const refused = await codeOf(other.session, path, inputOf(rule));
    expect(refused).toBe('NOT_FOUND');
    const nowhere = {
      serverId: serverId(),
      operationId: newId('op'),
      sshKeyId: newId('key'),
      userKeyId: newId('ukey'),
      sessionId: newId('ses'),
    };
    expect(await codeOf(other.session, path, rule.foreign?.(nowhere))).toBe(refused);
  });
});

describe('roles in the account', () => {
  it.each(table.filter(([, rule]) => rule.who === 'operator'))('%s: not for billing and viewer', async (path, rule) => {
    for (const role of ['billing', 'viewer'] as const) {
      const { session } = await createPerson(deps, { role, accountId: owner.accountId });
      expect(await codeOf(session, path, inputOf(rule))).toBe('ROLE_REQUIRED');
    }
    const operator = await createPerson(deps, { role: 'operator', accountId: owner.accountId });
    expect(await codeOf(operator.session, path, rule.input)).not.toBe('ROLE_REQUIRED');
  });

  it.each(table.filter(([path, rule]) => rule.who === 'member' && path !== 'catalog.orderOptions'))(
    '%s: for a viewer, not for staff without an account',
    async (path, rule) => {
      const viewer = await createPerson(deps, { role: 'viewer', accountId: owner.accountId });
      expect(await codeOf(viewer.session, path, inputOf(rule))).toBeNull();
      const staff = await createPerson(deps, { staffRole: 'admin' });
      expect(await codeOf(staff.session, path, inputOf(rule))).toBe('ROLE_REQUIRED');
    },
  );
});

describe("staff's procedures", () => {
  it.each(table.filter(([, rule]) => rule.who === 'staff'))('%s', async (path, rule) => {
    // A customer does not learn that it exists.
    expect(await codeOf(owner.session, path, rule.input)).toBe('NOT_FOUND');
    for (const staffRole of ['support', 'operator', 'billing', 'admin'] as const) {
      const { session } = await createPerson(deps, { staffRole });
      const code = await codeOf(session, path, rule.input);
      const isRefused = rule.refusedStaff?.some((refused) => refused === staffRole) ?? false;
      expect([staffRole, code === 'ROLE_REQUIRED']).toEqual([staffRole, isRefused]);
      expect(code).not.toBe('INTERNAL');
    }
  });
});
