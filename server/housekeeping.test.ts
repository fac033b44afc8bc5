import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDb } from './db.ts';
import type { Deps } from './deps.ts';
import { createEventHub } from './events/hub.ts';
import { clearAway } from './housekeeping.ts';
import { markLost } from './operations/slots.ts';
import { createHarness, type Harness } from './operations/testing.ts';
import { startWorkflows, stopWorkflows } from './operations/workflows.ts';
import { createPerson } from './testing/people.ts';

const DAY = 86_400_000;
const KEPT = { eventsMs: 7 * DAY, workflowsMs: 30 * DAY };

let h: Harness;
/** As the worker's own database user. */
let deps: Deps;
beforeAll(async () => {
  h = await createHarness();
  deps = { ...h.deps, db: createDb(h.urlAs('tsubo_worker')) };
});
afterAll(async () => {
  await deps.db.$disconnect();
  await h.drop();
});

const ago = (ms: number) => new Date(h.deps.clock.now().getTime() - ms);
const write = (subject: string, createdAt: Date) => h.deps.db.event.create({ data: { subject, kind: 'x', createdAt } });
const subjects = async () =>
  (await h.deps.db.event.findMany({ orderBy: [{ xid: 'asc' }, { id: 'asc' }] })).map((event) => event.subject);

async function belowHorizon(): Promise<boolean> {
  const rows = await h.deps.db.$queryRaw<{ last: string; horizon: string }[]>`
    SELECT xid::text AS last, pg_snapshot_xmin(pg_current_snapshot())::text AS horizon
    FROM "Event" ORDER BY xid DESC LIMIT 1`;
  return BigInt(rows[0]?.last ?? 0) < BigInt(rows[0]?.horizon ?? 0);
}

test('old events go from the beginning of the stream, in small batches, and never behind a younger one', async () => {
  for (let n = 0; n < 7; n++) await write(`old-${n}`, ago(8 * DAY));
  await write('young', ago(6 * DAY));
  // Its writer's clock was wrong: taking it would leave a gap behind `young`.
  await write('out-of-order', ago(9 * DAY));
  const cleared = await Promise.all([clearAway(deps, KEPT, 2), clearAway(deps, KEPT, 2)]);
  expect(cleared[0].events + cleared[1].events).toBe(7);
  expect(await subjects()).toEqual(['young', 'out-of-order']);
  expect((await clearAway(deps, KEPT, 2)).events).toBe(0);
  await h.deps.db.event.updateMany({ data: { createdAt: ago(8 * DAY) } });
  expect((await clearAway(deps, KEPT)).events).toBe(2);
});

test('a reader from before the horizon is told to read everything again, one from behind it is not', async () => {
  const hub = createEventHub({ url: h.urlAs('tsubo_app'), log: h.deps.log });
  try {
    const gone = await write('gone', ago(8 * DAY));
    await write('missed', ago(8 * DAY));
    const kept = await write('kept', ago(DAY));
    await write('later', ago(DAY));
    // The hub's place is at the horizon, which other tests' transactions hold back: all four lie below it.
    await expect.poll(belowHorizon).toBe(true);
    const { from } = await hub.subscribe(() => {});
    expect((await hub.backlog(gone, from, 100))?.map((event) => event.subject)).toEqual(['missed', 'kept', 'later']);
    await clearAway(deps, KEPT);
    expect(await hub.backlog(gone, from, 100)).toBeNull();
    expect((await hub.backlog(kept, from, 100))?.map((event) => event.subject)).toEqual(['later']);
  } finally {
    await hub.close();
  }
});

test('ended sessions, verifications and tickets go, with a day of grace; what is in use stays', async () => {
  const { db } = h.deps;
  const [stale, living] = [await createPerson(h.deps), await createPerson(h.deps)];
  await db.session.update({ where: { id: stale.session.id }, data: { expiresAt: ago(2 * DAY) } });
  await db.session.update({ where: { id: living.session.id }, data: { expiresAt: ago(DAY / 2) } });
  for (const [id, expiresAt] of [
    ['stale', ago(2 * DAY)],
    ['living', ago(-DAY)],
  ] as const) {
    const at = ago(3 * DAY);
    await db.verification.create({
      data: { id, identifier: id, value: 'x', expiresAt, createdAt: at, updatedAt: at },
    });
  }
  expect(await clearAway(deps, KEPT)).toMatchObject({ sessions: 1, verifications: 1 });
  expect((await db.session.findMany()).map(({ id }) => id)).toEqual([living.session.id]);
  expect((await db.verification.findMany()).map(({ id }) => id)).toEqual(['living']);
});

test("DBOS's rows of ended operations go with their steps; the operation's own history stays", async () => {
  const { db } = h.deps;
  await startWorkflows(h.deps, { slot: 'worker-test', databaseUrl: h.urlAs('tsubo_worker') });
  const done = await h.place();
  const lost = await h.place();
  const fresh = await h.place();
  for (const { operationId: id } of [done, lost, fresh])
    await expect
      .poll(async () => (await db.operation.findUniqueOrThrow({ where: { id } })).state, { timeout: 15_000 })
      .toBe('succeeded');
  await sleep(200);
  await stopWorkflows(2_000);
  const id = (operation: { operationId: string }) => `${operation.operationId}:1`;
  const old = ago(31 * DAY).getTime();
  await db.$executeRaw`
    UPDATE dbos.workflow_status SET completed_at = ${old}, created_at = ${old}, updated_at = ${old}
    WHERE workflow_uuid IN (${id(done)}, ${id(lost)})`;
  // Its workflow has ended and it does not know: that must be found out, not forgotten.
  await db.operation.update({ where: { id: lost.operationId }, data: { state: 'running', endedAt: null } });
  await db.audit.deleteMany({ where: { entryId: `${lost.operationId}.1`, phase: { not: 'started' } } });
  const steps = await h.steps(done.operationId);
  expect((await clearAway(deps, KEPT, 1)).workflows).toBe(1);
  const left = await db.$queryRaw<{ workflow_uuid: string }[]>`SELECT workflow_uuid FROM dbos.workflow_status`;
  expect(left.map((row) => row.workflow_uuid).sort()).toEqual([id(lost), id(fresh)].sort());
  expect(
    await db.$queryRaw`
      SELECT workflow_uuid FROM dbos.operation_outputs WHERE workflow_uuid = ${id(done)}
      UNION SELECT workflow_uuid FROM dbos.workflow_input WHERE workflow_uuid = ${id(done)}
      UNION SELECT workflow_uuid FROM dbos.workflow_output WHERE workflow_uuid = ${id(done)}`,
  ).toEqual([]);
  expect(await h.steps(done.operationId)).toEqual(steps);
  expect(await markLost(deps)).toBe(1);
  expect((await clearAway(deps, KEPT)).workflows).toBe(1);
});

test('slots that nobody uses any more go', async () => {
  const { db } = h.deps;
  const at = (id: string, heartbeatAt: Date, startedAt: Date) =>
    db.workerSlot.create({ data: { id, pid: 1, startedAt, heartbeatAt } });
  await at('gone', ago(2 * DAY), ago(3 * DAY));
  await at('ended-just-now', new Date(0), ago(DAY / 2));
  await at('living', ago(0), ago(3 * DAY));
  expect((await clearAway(deps, KEPT)).slots).toBe(1);
  expect((await db.workerSlot.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id)).toEqual([
    'ended-just-now',
    'living',
  ]);
});
