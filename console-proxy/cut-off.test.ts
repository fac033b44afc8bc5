/** A console whose reason to be is gone is closed within two seconds, of each kind; consoles of others stay. */
import { beforeEach, expect, test } from 'vitest';
import { createPerson } from '../server/testing/people.ts';
import { createServerRow } from '../server/testing/server-row.ts';
import type { SessionFacts } from '../server/trpc/context.ts';
import { CLOSE } from './contract/socket.ts';
import type { Browser } from './testing.ts';
import { labOfFile } from './testing-lab.ts';
import { eventually, stopwatch } from './testing-wait.ts';

const { lab, connect, consoles } = labOfFile();
const LIMIT_MS = 2_000;
const VERSION = Buffer.from('RFB 003.008\n');

beforeEach(() => {
  lab().agent.onStream = (socket, { kind }) => void (kind === 'vnc' && socket.write(VERSION));
});

type Place = { session: SessionFacts; serverId: string; accountId: string };
const tomorrow = () => new Date(Date.now() + 86_400_000);

/** Another member with a server that only this test is about. */
async function place(): Promise<Place> {
  const { deps, db, accountId } = lab();
  const { session } = await createPerson(deps, { role: 'operator', accountId });
  await db.session.update({ where: { id: session.id }, data: { expiresAt: tomorrow() } });
  const serverId = await createServerRow(deps, accountId, `s-${session.id.slice(4, 10).toLowerCase()}`);
  await db.placement.create({ data: { id: `plc_${serverId}`, serverId, hostId: 'hst_1', createdAt: new Date() } });
  return { session, serverId, accountId };
}

async function open(kind: 'vnc' | 'serial', { session, serverId }: Place): Promise<Browser> {
  const before = (await consoles()).length;
  const asked = lab().agent.asked.length;
  const browser = await connect({ kind, sessionId: session.id, serverId });
  await browser.opened;
  if (kind === 'serial') browser.say({ t: 'open', from: null });
  await eventually(async () => expect(await consoles()).toHaveLength(before + 1));
  await eventually(() => expect(lab().agent.asked.length).toBe(asked + 1));
  return browser;
}

const ways: [string, number, (place: Place) => Promise<unknown>][] = [
  [
    'signed out, or the session ended from another device',
    CLOSE.signedOut,
    ({ session }) => lab().db.session.delete({ where: { id: session.id } }),
  ],
  [
    'all sessions of the person ended',
    CLOSE.signedOut,
    ({ session }) => lab().db.session.deleteMany({ where: { userId: session.user.id } }),
  ],
  [
    'a session that has run out',
    CLOSE.signedOut,
    ({ session }) => lab().db.session.update({ where: { id: session.id }, data: { expiresAt: new Date() } }),
  ],
  [
    'a server that is being deleted',
    CLOSE.deleted,
    ({ serverId }) => lab().db.server.update({ where: { id: serverId }, data: { intendedDeleted: true } }),
  ],
  [
    'a server that is gone',
    CLOSE.deleted,
    ({ serverId }) =>
      lab().db.server.update({ where: { id: serverId }, data: { intendedDeleted: true, deletedAt: new Date() } }),
  ],
  [
    'a lesser role',
    CLOSE.permissionGone,
    ({ session }) => lab().db.member.updateMany({ where: { userId: session.user.id }, data: { role: 'billing' } }),
  ],
  [
    'no member any more',
    CLOSE.permissionGone,
    ({ session }) => lab().db.member.deleteMany({ where: { userId: session.user.id } }),
  ],
];

test.each(ways)('%s', async (_, code, take) => {
  const mine = await place();
  const theirs = { ...mine, session: lab().session, serverId: lab().serverId };
  const others = [await open('vnc', theirs), await open('serial', theirs)];
  const own = [await open('vnc', mine), await open('serial', mine)];
  const gone = stopwatch();
  await take(mine);
  for (const browser of own) expect(await browser.closed).toEqual({ code, reason: '' });
  expect(gone()).toBeLessThan(LIMIT_MS);
  for (const { ws } of others) expect(ws.readyState).toBe(ws.OPEN);
  const users = async () => (await consoles()).map(({ userId }) => userId);
  await eventually(async () => expect(await users()).toEqual(others.map(() => lab().session.user.id)));
  await eventually(() => expect(lab().agent.sockets.size).toBe(2));
});

test('also of one who does not read, and of one who has not said the first word', async () => {
  const mine = await place();
  const silent = await connect({ kind: 'serial', sessionId: mine.session.id, serverId: mine.serverId });
  await silent.opened;
  await eventually(async () => expect(await consoles()).toHaveLength(1));
  const stalled = await open('vnc', mine);
  stalled.ws.pause();
  const gone = stopwatch();
  await lab().db.session.delete({ where: { id: mine.session.id } });
  expect((await silent.closed).code).toBe(CLOSE.signedOut);
  await eventually(() => expect(lab().agent.sockets.size).toBe(0));
  expect(gone()).toBeLessThan(LIMIT_MS);
  // The proxy does not wait for who does not take the word.
  await eventually(async () =>
    expect((await (await fetch(`http://127.0.0.1:${lab().proxy.port}/healthz`)).json()) as object).toMatchObject({
      consoles: 0,
    }),
  );
});
