/**
 * How long to wait on this machine. The agent booted a kernel at the start of the run, to find the accelerator; what
 * that took against a quiet machine is by how much everything takes longer here, and every deadline is multiplied.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { readStack } from './stack.ts';

/** The probe's boot on two quiet cores under software emulation. */
const QUIET_MS = 2_000;
/** Beyond it, it is broken rather than slow. */
const SLOWNESS_MAX = 5;
/** Each accelerator has its turn first; the slowest has 30 s. */
const PROBED_WITHIN_MS = 120_000;

const probed = z.object({ attempts: z.array(z.object({ ok: z.boolean(), ms: z.number() })) });

async function slowness(): Promise<number> {
  const db = new Client({ connectionString: readStack().ownerUrl });
  await db.connect();
  try {
    for (let waited = 0; waited < PROBED_WITHIN_MS; waited += 250) {
      const [host] = (
        await db.query(`SELECT accelerator FROM "Host" WHERE jsonb_array_length(accelerator->'attempts') > 0 LIMIT 1`)
      ).rows;
      if (host) {
        const booted = probed.parse(host.accelerator).attempts.find(({ ok }) => ok);
        // None booted within its time: as slow as can be.
        return booted ? Math.min(SLOWNESS_MAX, Math.max(1, booted.ms / QUIET_MS)) : SLOWNESS_MAX;
      }
      await sleep(250);
    }
    throw new Error('the host has not said which accelerator it found');
  } finally {
    await db.end();
  }
}

const factor = await slowness();

/** What takes at most `ms` on a quiet machine, here. */
export const patience = (ms: number): number => Math.round(ms * factor);
