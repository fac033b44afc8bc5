/** The rows of steps where two transactions meet; on one connection after the other they have nothing to decide. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Superseded } from './definition.ts';
import { beginStep, closeSteps } from './record.ts';
import { createHarness, type Harness } from './testing.ts';
import { ACCOUNT } from './testing-stock.ts';

let h: Harness;
beforeAll(async () => {
  h = await createHarness();
});
afterAll(() => h.drop());

test('a step that begins while its attempt is being ended is not left running', async () => {
  const { serverId, operationId: id } = await h.place();
  await h.deps.db.operation.update({ where: { id }, data: { state: 'running' } });
  let begun: Promise<unknown> | undefined;
  await h.deps.db.$transaction(async (tx) => {
    await tx.operation.update({ where: { id }, data: { state: 'stuck' } });
    await closeSteps(tx, id, 1, h.deps.clock.now());
    begun = beginStep(h.deps, { id, attempt: 1, accountId: ACCOUNT, serverId }, 0).catch((error: unknown) => error);
    await sleep(300);
  });
  expect(await begun).toBeInstanceOf(Superseded);
  expect(await h.deps.db.operationStep.count({ where: { operationId: id, state: 'running' } })).toBe(0);
});
