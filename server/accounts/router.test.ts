import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOf, told } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import type { SessionFacts } from '../trpc/context.ts';
import { createCaller } from '../trpc/root.ts';

let test: TestDatabase;
let deps: TestDeps;
const callerOf = (session: SessionFacts) => createCaller(contextOf(deps, session));

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
});
afterAll(() => test.drop());

describe('SSH keys', () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDL/sJkmvQVWpyKyrQGEpShlVtXJ1HQOJ4JNyI/7CyQ1 taro@desk';

  it('are added once, listed and removed, each in its own account', async () => {
    const [a, b] = [await createPerson(deps), await createPerson(deps)];
    const added = await callerOf(a.session).sshKeys.add({ publicKey: key });
    expect(added).toMatchObject({ name: 'taro@desk', type: 'ssh-ed25519' });
    expect(await told(callerOf(a.session).sshKeys.add({ publicKey: `${key}2` }))).toMatchObject({
      code: 'SSH_KEY_TAKEN',
    });
    await callerOf(b.session).sshKeys.add({ publicKey: key, name: ' わたしの鍵 ' });
    expect(await callerOf(b.session).sshKeys.list()).toMatchObject([{ name: 'わたしの鍵' }]);
    expect(await told(callerOf(b.session).sshKeys.remove({ id: added.id }))).toMatchObject({ code: 'NOT_FOUND' });
    await callerOf(a.session).sshKeys.remove({ id: added.id });
    expect(await callerOf(a.session).sshKeys.list()).toEqual([]);
  });

  it('are refused with the field and its code, and counted', async () => {
    const { session, accountId } = await createPerson(deps);
    expect(await told(callerOf(session).sshKeys.add({ publicKey: 'x' }))).toMatchObject({
      code: 'INPUT',
      fields: { publicKey: { code: 'ssh-key-format' } },
    });
    await test.db.limit.create({ data: { accountId, key: 'sshKeys', value: 0 } });
    expect(await told(callerOf(session).sshKeys.add({ publicKey: key }))).toMatchObject({
      code: 'LIMIT',
      params: { value: 0 },
    });
  });

  it('are as many as the limit says, also when they come at once', async () => {
    const { session, accountId } = await createPerson(deps);
    await test.db.limit.create({ data: { accountId, key: 'sshKeys', value: 2 } });
    const publicKeys = Array.from({ length: 8 }, () => {
      const fields = [Buffer.from('ssh-ed25519'), randomBytes(32)];
      const blob = fields.flatMap((field) => [Buffer.from([0, 0, 0, field.length]), field]);
      return `ssh-ed25519 ${Buffer.concat(blob).toString('base64')}`;
    });
    const answers = await Promise.allSettled(
      publicKeys.map((publicKey) => callerOf(session).sshKeys.add({ publicKey })),
    );
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(2);
    expect(await callerOf(session).sshKeys.list()).toHaveLength(2);
  });
});

it('preferences are kept, and shown', async () => {
  const { session, accountId } = await createPerson(deps);
  await callerOf(session).account.preferences({ locale: 'en', theme: 'dark' });
  expect(await test.db.user.findUnique({ where: { id: session.user.id } })).toMatchObject({
    locale: 'en',
    theme: 'dark',
  });
  const fresh = { ...session, user: { ...session.user, locale: 'en', theme: 'dark' } };
  expect(await callerOf(fresh).account.me()).toMatchObject({
    user: { locale: 'en', theme: 'dark' },
    account: { id: accountId, role: 'owner' },
    staffRole: null,
  });
});
