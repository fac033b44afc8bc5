/**
 * Console tickets: 256 random bits that the panel (server/consoles) hands to a browser, which hands them to this proxy
 * in the WebSocket's list of subprotocols, never in a URL. Only the SHA-256 is stored; a ticket is used once, within
 * 30 s, and only while the session that asked for it lives.
 */
import type { Pool } from 'pg';
import { ticketText } from './contract/messages.ts';
import { ticketHash } from './contract/ticket-hash.ts';

export interface TicketClaim {
  sessionId: string;
  userId: string;
  serverId: string;
  kind: 'vnc' | 'serial';
  viewOnly: boolean;
}

/**
 * Takes a ticket: the row is gone with the answer, so of many proxies that try at once one gets it.
 * Null: unknown, used, expired, or its session ended.
 */
export async function takeTicket(pool: Pool, ticket: string, now: Date): Promise<TicketClaim | null> {
  if (!ticketText.safeParse(ticket).success) return null;
  const { rows } = await pool.query<TicketClaim & { live: boolean }>(
    `DELETE FROM "Ticket" t USING "Session" s
      WHERE t.hash = $1 AND s.id = t."sessionId"
      RETURNING t."sessionId", s."userId", t."serverId", t.kind, t."viewOnly",
        t."expiresAt" > $2 AND s."expiresAt" > $2 AS live`,
    // A column without a zone would take a Date in this process's own.
    [ticketHash(ticket), now.toISOString()],
  );
  const row = rows[0];
  if (row === undefined || !row.live) return null;
  const { live: _, ...claim } = row;
  return claim;
}
