/** Where a host's agent is, and which certificates it may show: read anew at every dialling, as a revocation must hold. */
import type { Pool } from 'pg';
import { AgentError } from '../compute-agent/contract/errors.ts';
import type { HostRecord } from './agent-stream.ts';

type Row = { agentUrl: string; pins: (string | null)[]; revokedAt: Date | null };

/** @throws AgentError FORBIDDEN when nothing that the host shows is to be believed */
export async function hostRecord(pool: Pool, id: string): Promise<HostRecord> {
  const { rows } = await pool.query<Row>(
    `SELECT "agentUrl", ARRAY["certFingerprint", "nextCertFingerprint"] AS pins, "revokedAt" FROM "Host" WHERE id = $1`,
    [id],
  );
  const host = rows[0];
  if (!host?.pins[0])
    throw new AgentError(
      'FORBIDDEN',
      host?.revokedAt ? `the certificate of host ${id} was revoked` : `host ${id} has no certificate`,
    );
  return { id, agentUrl: host.agentUrl, accepted: new Set(host.pins.filter((pin) => pin !== null)) };
}
