import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow } from '../testing/server-row.ts';
import { rename } from './rename.ts';

let test: TestDatabase;
let deps: TestDeps;
beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
});
afterAll(() => test.drop());

it('of two servers that are given one name at the same time the second is told that it is taken', async () => {
  const { accountId } = await createPerson(deps);
  const [first, second] = [
    await createServerRow(deps, accountId, 'one'),
    await createServerRow(deps, accountId, 'two'),
  ];
  const operation = { accountId, kind: 'create', state: 'succeeded', input: {}, generation: 1 } as const;
  for (const serverId of [first, second]) {
    const at = deps.clock.now();
    const id = `op_${serverId}`;
    await test.db.operation.create({ data: { id, serverId, ...operation, createdAt: at, endedAt: at } });
  }
  const renaming = await test.db.$transaction(async (tx) => {
    await tx.server.update({ where: { id: first }, data: { name: 'same' } });
    // It finds the name free, and waits at the index for this transaction.
    const waiting = rename(deps, accountId, second, 'owner', 'same').then(
      () => null,
      (error: unknown) => error,
    );
    await expect.poll(() => waiters()).toBe(1);
    return { waiting };
  });
  expect(await renaming.waiting).toMatchObject({ code: 'NAME_TAKEN', fields: { name: { code: 'taken' } } });
});

async function waiters(): Promise<number> {
  const rows = await test.db.$queryRaw<[{ n: number }]>`
    SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return rows[0].n;
}
