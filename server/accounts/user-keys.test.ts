import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contextOf, told } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import type { SessionFacts } from '../trpc/context.ts';
import { createCaller } from '../trpc/root.ts';

let test: TestDatabase;
let deps: TestDeps;
const callerOf = (session: SessionFacts) => createCaller(contextOf(deps, session));
const randomKey = (): string => {
  const fields = [Buffer.from('ssh-ed25519'), randomBytes(32)];
  return `ssh-ed25519 ${Buffer.concat(fields.flatMap((field) => [Buffer.from([0, 0, 0, field.length]), field])).toString('base64')}`;
};

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
});
afterAll(() => test.drop());

it('belong to the user: two may have the same one, and neither takes away the other’s', async () => {
  const [a, b] = [await createPerson(deps), await createPerson(deps)];
  const publicKey = randomKey();
  const added = await callerOf(a.session).userKeys.add({ publicKey, name: ' 机のＰＣ ' });
  expect(added).toMatchObject({ name: '机のPC', type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:/) });
  expect(await told(callerOf(a.session).userKeys.add({ publicKey }))).toMatchObject({ code: 'SSH_KEY_TAKEN' });
  await callerOf(b.session).userKeys.add({ publicKey });
  expect(await told(callerOf(b.session).userKeys.remove({ id: added.id }))).toMatchObject({ code: 'NOT_FOUND' });
  await callerOf(a.session).userKeys.remove({ id: added.id });
  expect(await callerOf(a.session).userKeys.list()).toEqual([]);
  expect(await callerOf(b.session).userKeys.list()).toHaveLength(1);
  // They are no keys of the account: nothing of them comes into a server.
  expect(await callerOf(b.session).sshKeys.list()).toEqual([]);
});

it('are 20 at most, also when they come at once; those of staff without an account are theirs too', async () => {
  const { session } = await createPerson(deps, { staffRole: 'support' });
  const answers = await Promise.allSettled(
    Array.from({ length: 24 }, () => callerOf(session).userKeys.add({ publicKey: randomKey() })),
  );
  expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(20);
  expect(await told(callerOf(session).userKeys.add({ publicKey: randomKey() }))).toMatchObject({
    code: 'LIMIT',
    params: { value: 20 },
  });
});

it('are refused with the field and its code', async () => {
  const { session } = await createPerson(deps);
  expect(
    await told(callerOf(session).userKeys.add({ publicKey: '-----BEGIN OPENSSH PRIVATE KEY-----' })),
  ).toMatchObject({
    code: 'INPUT',
    fields: { publicKey: { code: 'ssh-key-private' } },
  });
});

it('leave their traces in the audit log, without the key itself', async () => {
  const { session } = await createPerson(deps);
  const publicKey = randomKey();
  const { id, fingerprint } = await callerOf(session).userKeys.add({ publicKey, name: 'desk' });
  await callerOf(session).userKeys.remove({ id });
  const rows = await test.db.audit.findMany({ where: { subject: `user-key:${id}`, phase: 'completed' } });
  const what = { name: 'desk', type: 'ssh-ed25519', fingerprint };
  expect(rows).toMatchObject([
    { action: 'userKeys.add', actorId: session.user.id, after: what },
    { action: 'userKeys.remove', actorId: session.user.id, before: what },
  ]);
});
