import { releaseBody } from '../servers/reserve.ts';
import type { Definition } from './definition.ts';
import { whileMine } from './record.ts';
import { takeover } from './takeover.ts';

/**
 * Gives a server back. Forward only: half a server is nobody's wish. The addresses return to the pool only
 * when the agent has said that the body is gone, so that nobody meets a dead server's traffic.
 */
export const deleteServer: Definition = {
  kind: 'delete',
  workflow: 'delete-1',
  locks: { power: true, disk: true, config: true },
  forwardOnly: true,
  steps: [
    takeover,
    {
      name: 'remove',
      run: async ({ agent, host, target }) => {
        // No place: a create that was undone, whose undo proved the same.
        if (!(await host())) return [];
        return (await (await agent()).removeServer(target)).removed;
      },
    },
    {
      name: 'release',
      run: async ({ deps, operation }) => {
        await whileMine(deps, operation, (tx) => releaseBody(tx, deps, operation.serverId));
        return null;
      },
    },
  ],
  onSuccess: async (tx, { serverId }, _, now) => {
    await tx.server.updateMany({
      where: { id: serverId, deletedAt: null },
      data: { deletedAt: now, needsAttention: null },
    });
  },
};
