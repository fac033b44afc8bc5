/** What no column can keep is refused as input, by every procedure, and never reaches the database. */
import type { TRPCError } from '@trpc/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contextOf, told } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow } from '../testing/server-row.ts';
import type { SessionFacts } from './context.ts';
import { wireOf } from './errors.ts';
import { appRouter, createCaller } from './root.ts';

let test: TestDatabase;
let deps: TestDeps;
let people: SessionFacts[];
let serverId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  const owner = await createPerson(deps);
  serverId = await createServerRow(deps, owner.accountId);
  await test.db.taxRate.create({
    data: { class: 'standard', fromDate: new Date('2019-10-01T00:00:00Z'), basisPoints: 1000 },
  });
  people = [owner.session, (await createPerson(deps, { staffRole: 'admin' })).session];
});
afterAll(() => test.drop());

/** Every field that a person or a program fills with text, in any procedure. */
const filled = (value: string) => ({
  ...{ serverId: value, operationId: value, hostId: value, id: value, name: value, hostname: value },
  ...{ confirmName: value, publicKey: value, reason: value, zoneId: value, planId: value, imageId: value },
  ...{ clientKey: crypto.randomUUID(), seenYenWithTax: 1, attempt: 1, on: true, acceptsNew: true },
  ...{ onTimeout: 'give-up', signIn: { method: 'keys', sshKeyIds: [value] } },
});

/** All but the streams. */
const procedures = Object.entries<unknown>(appRouter._def.procedures)
  .filter(([, procedure]) => (procedure as { _def: { type: string } })._def.type !== 'subscription')
  .map(([path]) => path);

it.each(procedures)('%s', async (path) => {
  for (const session of people) {
    const caller: unknown = createCaller(contextOf(deps, session));
    const call = path.split('.').reduce((at, name) => (at as Record<string, unknown>)[name], caller);
    for (const value of ['a\0b', '\ud800', 'x'.repeat(1_000_000)]) {
      const answer = (call as (input: unknown) => Promise<unknown>)(filled(value));
      await answer.catch((error: TRPCError) => expect(wireOf(error).code).not.toBe('INTERNAL'));
    }
  }
});

it.each([
  ['servers.rename', 'name', (value: string) => panel().servers.rename({ serverId, name: value })],
  ['servers.delete', 'confirmName', (value: string) => panel().servers.delete({ serverId, confirmName: value })],
  ['servers.get', 'serverId', (value: string) => panel().servers.get({ serverId: value })],
  ['sshKeys.add', 'name', (value: string) => panel().sshKeys.add({ name: value, publicKey: 'k' })],
])('%s says which field: %s', async (_, field, call) => {
  expect(await told(call('a\0b'))).toMatchObject({ code: 'INPUT', fields: { [field]: { code: 'format' } } });
  expect(await told(call('x'.repeat(400)))).toMatchObject({ code: 'INPUT', fields: { [field]: { code: 'too-long' } } });
});

const panel = () => {
  const [owner] = people;
  if (!owner) throw new Error('nobody');
  return createCaller(contextOf(deps, owner));
};
