import type { Definition } from './definition.ts';
import { confirmOff, cut } from './power-steps.ts';
import { takeover } from './takeover.ts';

/** Cuts the power; may take over from a start, stop or restart. */
export const forceOff: Definition = {
  kind: 'force_off',
  workflow: 'force_off-1',
  locks: { power: true, disk: false, config: true },
  steps: [takeover, cut, confirmOff],
  forwardOnly: true,
  onSuccess: async (tx, { serverId }) => {
    await tx.server.updateMany({ where: { id: serverId }, data: { needsAttention: null } });
  },
};
