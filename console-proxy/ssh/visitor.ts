/** What a shell is opened with, and why it may end. */
import type { Pool } from 'pg';
import type { ClientIdentity } from '../../server/agent-client/connections.ts';
import type { Logger } from '../../server/log.ts';
import type { GuestStanding, Place } from './keys.ts';
import type { Words } from './words.ts';

export type VisitDeps = { pool: Pool; identity: () => ClientIdentity; log: Logger; idleMs: number };

/** Who came, from where, by which key. */
export type Visitor = { ip: string; requestId: string; fingerprint: string; words: Words; places: Place[] };

export type Leaving =
  | 'restarting'
  | 'idle'
  | Exclude<GuestStanding, 'good' | 'ended'>
  | 'tooMany'
  | 'gaveUp'
  | 'database';
