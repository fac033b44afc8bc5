/** The last screen: a picture from the host when a console ends, kept for who comes back to its button. */
import type { Pool } from 'pg';
import { createAgentClient } from '../server/agent-client/client.ts';
import type { Target } from './agent-stream.ts';

/** @throws AgentError, or the database's error */
export async function saveScreen(pool: Pool, { host, identity }: Target, serverId: string, requestId: string) {
  const client = createAgentClient(host.id, async () => host, identity);
  try {
    const { png } = await client.api.screenshot({ serverId }, { requestId });
    // Not of one that is being given back: its pictures are gone, or about to go.
    await pool.query(
      `INSERT INTO "Screen" ("serverId", png, "takenAt")
       SELECT id, $2, clock_timestamp() AT TIME ZONE 'UTC' FROM "Server"
       WHERE id = $1 AND "deletedAt" IS NULL AND NOT "intendedDeleted"
       ON CONFLICT ("serverId") DO UPDATE SET png = EXCLUDED.png, "takenAt" = EXCLUDED."takenAt"`,
      [serverId, Buffer.from(png, 'base64')],
    );
  } finally {
    client.close();
  }
}
