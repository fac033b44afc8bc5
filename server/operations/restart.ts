import type { Definition } from './definition.ts';
import { ask, confirmRunning, cutIfAsked, needsAttention, putNetwork, start } from './power-steps.ts';
import { wait } from './wait-step.ts';

/**
 * Stop and start, because only that applies a changed spec (put with the button's press, taken at the start),
 * has a deadline, and a known end. At the deadline: what the customer chose, force or give up.
 */
export const restart: Definition = {
  kind: 'restart',
  workflow: 'restart-1',
  locks: { power: true, disk: false, config: true },
  steps: [ask, wait, cutIfAsked, putNetwork, start, confirmRunning],
  onSuccess: async (tx, { serverId }) => {
    await tx.server.updateMany({ where: { id: serverId }, data: { needsAttention: null } });
  },
  onFailure: async (tx, operation, code) => {
    // The guest runs on, as it did; otherwise it is off although it should run, and nobody may overlook that.
    if (code === 'GUEST_IGNORED')
      await tx.operation.update({ where: { id: operation.id }, data: { result: { guestIgnored: true } } });
    else await needsAttention(tx, operation, 'start-failed');
  },
};
