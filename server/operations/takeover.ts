import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Step } from './definition.ts';

const takeoverInput = z.object({ supersedes: z.string().optional() });

/**
 * Waits, bounded, until the operation that was taken over has left the host alone. It may have died, or sleep
 * in a frozen worker: after the bound this one goes on all the same, and its newer generation is the fence.
 */
export const takeover: Step = {
  name: 'takeover',
  run: async ({ deps, operation, startedAt, stillMine }) => {
    const { supersedes } = takeoverInput.parse(operation.input);
    const until = startedAt.getTime() + deps.settings.takeoverMs;
    while (supersedes) {
      const open = await deps.db.operationAttempt.count({ where: { operationId: supersedes, endedAt: null } });
      if (open === 0) break;
      if (deps.clock.now().getTime() >= until) return 'not-waited-for';
      await sleep(Math.min(deps.settings.lookMs, 100));
      await stillMine();
    }
    return null;
  },
};
