import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TICKET_LIFETIME_MS } from '../../console-proxy/contract/socket.ts';
import { ticketHash } from '../../console-proxy/contract/ticket-hash.ts';
import { newId } from '../ids.ts';
import { contextOf, told } from '../testing/calls.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createServerRow, placeServer } from '../testing/server-row.ts';
import { createCaller } from '../trpc/root.ts';
import { lastScreen } from './screen.ts';

let test: TestDatabase;
let deps: TestDeps;
type Person = Awaited<ReturnType<typeof createPerson>>;
let owner: Person;
let serverId: string;

const as = (who: Person) => createCaller(contextOf(deps, who.session));

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
});
afterAll(() => test.drop());
beforeEach(async () => {
  owner = await createPerson(deps);
  serverId = await createServerRow(deps, owner.accountId, 'web-1');
  await placed('running');
});

const placed = (observed: 'running' | 'off') => placeServer(deps, serverId, observed);

describe('open', () => {
  it('writes the hash of a ticket that is nowhere else, for 30 s and this session', async () => {
    const { ticket, viewOnly } = await as(owner).consoles.open({ serverId, kind: 'vnc' });
    expect(viewOnly).toBe(false);
    expect(await test.db.ticket.findMany({ where: { serverId } })).toEqual([
      {
        ...{ hash: ticketHash(ticket), sessionId: owner.session.id, serverId, kind: 'vnc', viewOnly: false },
        expiresAt: new Date(deps.clock.now().getTime() + TICKET_LIFETIME_MS),
      },
    ]);
    expect(JSON.stringify(deps.logged())).not.toContain(ticket);
    const written = await test.db.audit.findMany({ select: { subject: true, before: true, after: true } });
    expect(written.length).toBeGreaterThan(0);
    expect(JSON.stringify(written)).not.toContain(ticket);
  });

  it.each(['billing', 'viewer'] as const)('%s only looks, whatever was asked', async (role) => {
    const who = await createPerson(deps, { role, accountId: owner.accountId });
    const { viewOnly } = await as(who).consoles.open({ serverId, kind: 'serial', viewOnly: false });
    expect(viewOnly).toBe(true);
    expect((await test.db.ticket.findFirstOrThrow({ where: { serverId } })).viewOnly).toBe(true);
  });

  it('who may type may ask to look only', async () => {
    expect((await as(owner).consoles.open({ serverId, kind: 'vnc', viewOnly: true })).viewOnly).toBe(true);
  });

  it('a stopped server has no screen, and its serial port has a history', async () => {
    await placed('off');
    expect(await told(as(owner).consoles.open({ serverId, kind: 'vnc' }))).toMatchObject({
      ...{ code: 'NOT_POSSIBLE', params: { reason: 'already-stopped' } },
    });
    expect((await as(owner).consoles.open({ serverId, kind: 'serial' })).ticket).toHaveLength(43);
  });

  it.each([
    ['deleted', { deletedAt: new Date(), intendedDeleted: true }],
    ['being-deleted', { intendedDeleted: true }],
  ] as const)('%s: nothing to show', async (reason, data) => {
    await test.db.server.update({ where: { id: serverId }, data: { intended: 'stopped', ...data } });
    for (const kind of ['vnc', 'serial'] as const) {
      expect(await told(as(owner).consoles.open({ serverId, kind }))).toMatchObject({
        ...{ code: 'NOT_POSSIBLE', params: { reason } },
      });
    }
    expect(await test.db.ticket.count({ where: { serverId } })).toBe(0);
  });
});

describe('who', () => {
  const open = async (who: Person, data: { serverId: string; secondsAgo: number }) => {
    const id = newId('ses');
    await test.db.$executeRaw`
      INSERT INTO "ConsoleSession" ("id", "sessionId", "userId", "accountId", "serverId", "kind", "viewOnly", "openedAt", "seenAt")
      VALUES (${id}, ${who.session.id}, ${who.session.user.id}, ${owner.accountId}, ${data.serverId}, 'serial', false,
        clock_timestamp() AT TIME ZONE 'UTC', clock_timestamp() AT TIME ZONE 'UTC' - ${data.secondsAgo} * interval '1 second')`;
  };

  it('tells who is at this server, and which others of the account are open; not what a dead proxy left', async () => {
    const second = await createPerson(deps, { role: 'operator', accountId: owner.accountId });
    const other = await createServerRow(deps, owner.accountId, 'db-1');
    await open(owner, { serverId, secondsAgo: 1 });
    await open(second, { serverId, secondsAgo: 45 });
    await open(second, { serverId: other, secondsAgo: 2 });
    const told = await as(owner).consoles.who({ serverId });
    expect(told.here).toMatchObject([
      { userId: owner.session.user.id, userName: owner.session.user.name, kind: 'serial', ssh: false, viewOnly: false },
    ]);
    expect(told.servers).toEqual(['web-1', 'db-1']);
  });
});

describe('the last picture', () => {
  it("is its account's alone", async () => {
    expect(await lastScreen(test.db, owner.accountId, serverId)).toBeNull();
    expect((await as(owner).servers.get({ serverId })).screen).toBeNull();
    const takenAt = deps.clock.now();
    await test.db.screen.create({ data: { serverId, png: Buffer.from([1, 2, 3]), takenAt } });
    expect(await lastScreen(test.db, owner.accountId, serverId)).toEqual(new Uint8Array([1, 2, 3]));
    expect((await as(owner).servers.get({ serverId })).screen).toEqual({ takenAt: takenAt.toISOString() });
    const stranger = await createPerson(deps);
    await expect(lastScreen(test.db, stranger.accountId, serverId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
