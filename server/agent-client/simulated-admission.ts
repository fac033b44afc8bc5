/** Which calls the simulated agent still takes: the rules of compute-agent/generations.ts, without its files. */
import { AgentError } from '../../compute-agent/contract/errors.ts';
import type { Target } from '../../compute-agent/contract/shapes.ts';

type Place = { generation: number; step: number };

export function createAdmission() {
  /** Generations at which servers were removed. */
  const tombstones = new Map<string, number>();
  const noted = new Map<string, Place>();

  const refuseBuried = ({ serverId, generation }: Target) => {
    if (generation <= (tombstones.get(serverId) ?? 0))
      throw new AgentError('GONE', 'removed at this generation or later');
  };
  /** `living`: the generation that the domain holds, 0 where there is none. */
  const refuseOlder = ({ serverId, generation, step }: Target, living: number) => {
    const place = noted.get(serverId);
    const highest = Math.max(living, place?.generation ?? 0);
    if (generation < highest)
      throw new AgentError('STALE_GENERATION', `the host holds ${highest}, asked ${generation}`);
    if (place?.generation === generation && step !== undefined && step < place.step)
      throw new AgentError('STALE_GENERATION', `the host is at step ${place.step}, asked ${step}`);
  };

  return {
    tombstones,
    refuseBuried,
    admitRemoval: refuseOlder,
    /** A call that puts nothing leaves no note where there is nothing yet. */
    admit: (target: Target, living: number, puts: boolean) => {
      refuseBuried(target);
      refuseOlder(target, living);
      const { serverId, generation, step = 0 } = target;
      const place = noted.get(serverId);
      if (!puts && !place && living === 0) return;
      noted.set(serverId, { generation, step: place?.generation === generation ? Math.max(step, place.step) : step });
    },
    bury: ({ serverId, generation }: Target) => {
      tombstones.set(serverId, Math.max(generation, tombstones.get(serverId) ?? 0));
      noted.delete(serverId);
    },
  };
}
