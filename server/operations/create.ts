/**
 * A new server. Its rows (place, addresses, disk, interface) were written with the order, in one transaction;
 * `reserve` finds them, or writes them again where a create that was undone is retried.
 */
import type { Tx } from '../db.ts';
import { lockZoneOf } from '../hosts/capacity.ts';
import { releaseBody, reserveBody } from '../servers/reserve.ts';
import { activateSubscription, reopenSubscription } from '../servers/subscription.ts';
import type { Definition } from './definition.ts';
import { confirmRunning } from './power-steps.ts';
import { whileMine } from './record.ts';

export const create: Definition = {
  kind: 'create',
  workflow: 'create-1',
  locks: { power: true, disk: true, config: true },
  steps: [
    {
      name: 'reserve',
      run: async ({ deps, operation }) => {
        // The first attempt committed together with what it took.
        if (operation.attempt === 1) return null;
        const { serverId } = operation;
        const reserve = async (tx: Tx) => {
          await reserveBody(tx, deps, serverId);
          await reopenSubscription(tx, serverId);
        };
        await whileMine(deps, operation, reserve, (tx) => lockZoneOf(tx, serverId));
        return null;
      },
      undo: ({ deps, operation }) => whileMine(deps, operation, (tx) => releaseBody(tx, deps, operation.serverId)),
    },
    {
      name: 'image',
      run: async ({ agent, body }) => {
        const { image } = await body();
        await (await agent()).ensureImage(image);
        return null;
      },
      // No undo: the image stays in the host's cache, for the next server.
    },
    {
      name: 'disk',
      run: async ({ agent, body, target }) => {
        await (await agent()).putVolume({ ...target, volume: (await body()).volume });
        return null;
      },
      // Undoes all that follows as well: the agent takes away domain, disk, seed and network in the right
      // order, and leaves a tombstone, so that none of our own late calls brings anything back.
      undo: async ({ agent, host, target }) => {
        if (await host()) await (await agent()).removeServer(target);
      },
    },
    {
      name: 'network',
      run: async ({ agent, body, target }) => {
        const [api, { seed, vifs }] = await Promise.all([agent(), body()]);
        await api.putSeed({ ...target, seed });
        await api.putNetwork({ ...target, vifs });
        return null;
      },
    },
    {
      name: 'define',
      run: async ({ agent, body, target }) => {
        await (await agent()).putDomain({ ...target, spec: (await body()).spec });
        return null;
      },
    },
    {
      name: 'start',
      run: async ({ agent, target }) => {
        await (await agent()).power({ ...target, action: 'start' });
        return null;
      },
    },
    confirmRunning,
  ],
  onSuccess: (tx, { serverId }, _, now) => activateSubscription(tx, { now: () => now }, serverId),
};
