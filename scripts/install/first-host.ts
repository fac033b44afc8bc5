import { Client } from 'pg';
import { pause } from './interruption.ts';
import { StepError } from './step.ts';

/** Where the panel dials this host; undefined when it knows none of this id. */
export async function addressOfHost(ownerUrl: string, hostId: string): Promise<string | undefined> {
  const db = new Client({ connectionString: ownerUrl });
  await db.connect();
  try {
    const { rows } = await db.query<{ agentUrl: string }>(`SELECT "agentUrl" FROM "Host" WHERE id = $1`, [hostId]);
    return rows[0]?.agentUrl;
  } finally {
    await db.end();
  }
}

const LIMIT_MS = 60_000;

/**
 * A host sells nothing before it has said what it has: the first order of a new installation must not be refused. One
 * that was revoked says nothing, and that is meant.
 */
export async function untilHostIsKnown(ownerUrl: string, hostId: string): Promise<void> {
  const db = new Client({ connectionString: ownerUrl });
  await db.connect();
  try {
    for (const end = performance.now() + LIMIT_MS; performance.now() < end; await pause(200)) {
      const { rowCount } = await db.query(
        `SELECT FROM "Host"
         WHERE id = $1 AND (("vcpuTotal" > 0 AND "lastContactAt" IS NOT NULL) OR "revokedAt" IS NOT NULL)`,
        [hostId],
      );
      if (rowCount !== 0) return;
    }
  } finally {
    await db.end();
  }
  throw new StepError(
    `this host has not said within ${LIMIT_MS / 1000} s what it has`,
    'Read log/agent.log and log/worker-1.log for why the workers cannot reach the agent, then run this again.',
  );
}
