/** Who looks: people with a server each, since an account may have few consoles open at once. */
import { CONSOLES_PER_ACCOUNT } from '../../../console-proxy/contract/socket.ts';
import type { Db } from '../../../server/db.ts';
import { createDeps } from '../../../server/deps.ts';
import { newId } from '../../../server/ids.ts';
import { createLogger } from '../../../server/log.ts';
import { createPerson } from '../../../server/testing/people.ts';
import { createServerRow } from '../../../server/testing/server-row.ts';
import { HOST_ID } from './certificates.ts';

export const CONSOLES_EACH = CONSOLES_PER_ACCOUNT;
export type Guest = { sessionId: string; serverId: string };

/** @returns enough of them for so many consoles */
export async function createGuests(db: Db, consoles: number): Promise<Guest[]> {
  const deps = createDeps(db, createLogger('bench', 'error'));
  const guests: Guest[] = [];
  for (let n = 0; n < consoles / CONSOLES_EACH; n++) {
    const { session, accountId } = await createPerson(deps);
    guests.push({ sessionId: session.id, serverId: await createServerRow(deps, accountId) });
  }
  const now = deps.clock.now();
  await db.host.create({
    data: { id: HOST_ID, zoneId: 'test-zone', name: 'h', agentUrl: 'https://127.0.0.1:1', joinedAt: now },
  });
  await db.placement.createMany({
    data: guests.map(({ serverId }) => ({ id: newId('plc'), serverId, hostId: HOST_ID, createdAt: now })),
  });
  return guests;
}

export async function hostIsAt(db: Db, agentUrl: string, certFingerprint: string): Promise<void> {
  await db.host.update({ where: { id: HOST_ID }, data: { agentUrl, certFingerprint } });
}
