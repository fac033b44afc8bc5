/** The step that waits for a guest which was asked to go down. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { AgentApi } from '../../compute-agent/contract/contract.ts';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { Step, StepContext } from './definition.ts';
import { judge, StepFailed } from './failure.ts';
import { fence } from './power-steps.ts';
import { whileMine } from './record.ts';

/** How often the host itself is asked while waiting, in case its pushes do not arrive. */
const ASK_HOST_MS = 2_000;
const waitInput = z.object({ onTimeout: z.enum(['give-up', 'force-off']).default('give-up') });

/**
 * Waits for the guest's own end: 'off', or 'force' when the power shall be cut (the customer's signal, or what
 * was chosen for the deadline). It listens to what is observed and holds nothing on the host meanwhile. The
 * deadline counts from the first beginning of this step, whichever worker began it. Behind it, only the host's own
 * word that the guest runs ends the waiting: while the host is away, the step's budget counts from there.
 */
export const wait: Step = {
  name: 'wait',
  run: async (context) => {
    const { deps, operation, startedAt, agent, target } = context;
    const { onTimeout } = waitInput.parse(operation.input);
    const until = new Date(startedAt.getTime() + deps.settings.stopTimeoutMs);
    await deps.db.operation.updateMany({
      where: { id: operation.id, attempt: operation.attempt, state: 'running' },
      data: { result: { waitsUntil: until.toISOString() } },
    });
    const api = await agent();
    let askedHostAt = 0;
    for (;;) {
      const { observed, signal } = await look(context);
      const now = deps.clock.now().getTime();
      if (observed !== 'running' || now - askedHostAt >= ASK_HOST_MS || now >= until.getTime()) {
        askedHostAt = now;
        if (await isOff(api, target.serverId)) return 'off';
      }
      if (signal === 'force_off') return 'force';
      if (now >= until.getTime()) {
        if (onTimeout === 'force-off') return 'force';
        const found = await atDeadline(context, now < until.getTime() + deps.settings.stepBudgetMs);
        if (found === 'off') return 'off';
        if (found === 'ignored')
          throw new StepFailed(
            'GUEST_IGNORED',
            `still running ${deps.settings.stopTimeoutMs / 1000} s after the power button was pressed`,
          );
      }
      await sleep(deps.settings.lookMs);
    }
  },
};

/**
 * What is true when the time is over; null: wait on. The fence comes first, so that nobody who woke up late presses
 * the button after it was said that the guest runs on.
 */
async function atDeadline(context: StepContext, mayWait: boolean): Promise<'off' | 'ignored' | null> {
  try {
    const api = await fence(context);
    if ((await api.observe({ serverId: context.target.serverId })).state === 'off') return 'off';
  } catch (error) {
    if (mayWait && isAway(error)) return null;
    throw error;
  }
  return (await closeToSignals(context)) ? 'ignored' : null;
}

/**
 * From here on a force off does not signal this operation but takes over from it (servers/facts.ts), so that none is
 * lost between the last look and the end. Returns false where a signal was there first.
 */
const closeToSignals = ({ deps, operation }: StepContext): Promise<boolean> =>
  whileMine(deps, operation, async (tx) => {
    const { id, attempt } = operation;
    await tx.operation.updateMany({ where: { id, attempt, signal: null }, data: { signal: 'closed' } });
    return (await tx.operation.count({ where: { id, signal: 'closed' } })) === 1;
  });

const isAway = (error: unknown): boolean => error instanceof AgentError && judge(error).do === 'again';

async function look({ deps, operation, stillMine }: StepContext): Promise<{ observed: string; signal: string | null }> {
  await stillMine();
  const row = await deps.db.operation.findUniqueOrThrow({
    where: { id: operation.id },
    select: {
      signal: true,
      server: { select: { placements: { where: { endedAt: null }, select: { observed: true } } } },
    },
  });
  return { observed: row.server?.placements[0]?.observed ?? 'unknown', signal: row.signal };
}

/** A host that cannot be asked just now is no answer: the waiting goes on. */
async function isOff(api: AgentApi, serverId: string): Promise<boolean> {
  try {
    const { state } = await api.observe({ serverId });
    return state === 'off';
  } catch (error) {
    if (isAway(error)) return false;
    throw error;
  }
}
