import { z } from 'zod';
import type { Definition } from './definition.ts';
import {
  confirmRunning,
  define,
  needsAttention,
  putIntentBack,
  putNetwork,
  start as startStep,
} from './power-steps.ts';

/** Why it is started; a crash restart or a host's boot was not asked for by anybody just now. */
const input = z.object({ because: z.enum(['request', 'crash', 'host-boot']).default('request') });

export const start: Definition = {
  kind: 'start',
  workflow: 'start-1',
  locks: { power: true, disk: false, config: true },
  steps: [
    putNetwork,
    define,
    {
      ...startStep,
      // Off, as before; also what QEMU left behind paused.
      undo: async ({ agent, target }) => {
        await (await agent()).power({ ...target, action: 'destroy' });
      },
    },
    confirmRunning,
  ],
  onSuccess: async (tx, { serverId }) => {
    await tx.server.updateMany({ where: { id: serverId }, data: { needsAttention: null } });
  },
  onFailure: async (tx, operation) => {
    // The wish to run stays where the customer did not ask just now; that it could not be met is for people.
    if (input.parse(operation.input).because === 'request') await putIntentBack(tx, operation, 'stopped');
    else await needsAttention(tx, operation, 'start-failed');
  },
};
