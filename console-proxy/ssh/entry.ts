/** Entering a server's console: as one of the account's few, when the server has a place, and into the audit log. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { systemClock } from '../../server/clock.ts';
import { newId } from '../../server/ids.ts';
import { admit, leave, type Refusal } from '../permission.ts';
import { recordEntry } from './keys.ts';
import type { Choice } from './menu.ts';

const AGAIN_MS = 2_000;

type Entry = {
  /** The console's. */
  id: string;
  choice: Choice;
  ip: string;
  fingerprint: string;
  signal: AbortSignal;
  /** The server has no place yet; once. */
  onWaiting: () => void;
};

/** @returns why not, or `in`; `left` when somebody left meanwhile. Who is in is to be taken out by `leave`. */
export async function enter(pool: Pool, entry: Entry): Promise<'in' | 'left' | Exclude<Refusal, 'noBody'>> {
  const { id, signal } = entry;
  const { userId, server, viewOnly } = entry.choice;
  for (let waited = false; !signal.aborted; waited = true) {
    const admission = await admit(pool, { id, sessionId: null, userId, serverId: server.id, viewOnly }, 'serial');
    if (admission.ok) {
      const act = { id: newId('aud'), userId, accountId: server.accountId, serverId: server.id, ip: entry.ip };
      const after = { kind: 'serial', viewOnly, fingerprint: entry.fingerprint };
      await recordEntry(pool, { ...act, at: systemClock.now(), after });
      if (!signal.aborted) return 'in';
      await leave(pool, [id]);
      return 'left';
    }
    if (admission.why !== 'noBody') return admission.why;
    if (!waited) entry.onWaiting();
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
  }
  return 'left';
}
