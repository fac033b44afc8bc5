/**
 * Console tickets: 256 random bits that the panel hands to a browser, which hands them to this proxy in the
 * WebSocket's subprotocol (never in a URL). Only the SHA-256 is stored; a ticket is used once, within 30 s,
 * and only while the session that asked for it lives.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';

const LIFETIME_MS = 30_000;

export interface TicketClaim {
  sessionId: string;
  serverId: string;
  kind: 'vnc' | 'serial';
  viewOnly: boolean;
}

const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');

/** Writes a ticket for `claim`; answers the clear ticket (43 characters of base64url), which is kept nowhere. */
export async function issueTicket(pool: Pool, claim: TicketClaim, now: Date): Promise<string> {
  const ticket = randomBytes(32).toString('base64url');
  await pool.query(
    'INSERT INTO "Ticket" (hash, "sessionId", "serverId", kind, "viewOnly", "expiresAt") VALUES ($1, $2, $3, $4, $5, $6)',
    [
      hashOf(ticket),
      claim.sessionId,
      claim.serverId,
      claim.kind,
      claim.viewOnly,
      new Date(now.getTime() + LIFETIME_MS),
    ],
  );
  return ticket;
}

/**
 * Takes a ticket: the row is gone with the answer, so of many proxies that try at once one gets it.
 * Null: unknown, used, expired, or its session ended.
 */
export async function takeTicket(pool: Pool, ticket: string, now: Date): Promise<TicketClaim | null> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(ticket)) return null;
  const { rows } = await pool.query<TicketClaim & { live: boolean }>(
    `DELETE FROM "Ticket" t USING "Session" s
      WHERE t.hash = $1 AND s.id = t."sessionId"
      RETURNING t."sessionId", t."serverId", t.kind, t."viewOnly", t."expiresAt" > $2 AND s."expiresAt" > $2 AS live`,
    [hashOf(ticket), now],
  );
  const row = rows[0];
  if (row === undefined || !row.live) return null;
  const { live: _, ...claim } = row;
  return claim;
}
