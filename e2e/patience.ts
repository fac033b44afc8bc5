/**
 * How long to wait on this machine. The agent booted a kernel at the start of the run, to find the accelerator; what
 * that took against a quiet machine is by how much everything takes longer here, and every deadline is multiplied.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readStack } from './stack.ts';

/** The probe's boot on two quiet cores under software emulation. */
const QUIET_MS = 2_000;
/** Beyond it, it is broken rather than slow. */
const SLOWNESS_MAX = 5;

const probed = z.object({
  accelerator: z.object({ attempts: z.array(z.object({ ok: z.boolean(), ms: z.number() })) }),
});

/** Each accelerator has its turn first; the slowest has 30 s. */
const PROBED_WITHIN_MS = 90_000;

async function slowness(): Promise<number> {
  const file = join(readStack().data, 'agent/accelerator.json');
  for (let waited = 0; !existsSync(file); waited += 200) {
    if (waited > PROBED_WITHIN_MS) throw new Error(`the agent has not found its accelerator: no ${file}`);
    await sleep(200);
  }
  const { attempts } = probed.parse(JSON.parse(readFileSync(file, 'utf8'))).accelerator;
  const booted = attempts.find(({ ok }) => ok)?.ms ?? 0;
  return Math.min(SLOWNESS_MAX, Math.max(1, booted / QUIET_MS));
}

const factor = await slowness();

/** What takes at most `ms` on a quiet machine, here. */
export const patience = (ms: number): number => Math.round(ms * factor);
