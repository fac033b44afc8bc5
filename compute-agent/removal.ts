/**
 * Taking a server away goes forward only. The tombstone comes first: from then on no call at or below its
 * generation makes anything, so whatever is left after a crash can be taken away at any later time, by a repeated
 * call or by the agent at its next start.
 */
import type { Target } from './contract/shapes.ts';
import type { Body } from './driver.ts';
import { type Parts, TURN_MS } from './parts.ts';

/** Inside the server's mutex. Returns what was still there. */
export async function removeServer(parts: Parts, target: Target): Promise<string[]> {
  const living = await parts.hypervisor.look(target.serverId);
  await parts.generations.admitRemoval(target, living?.generation ?? 0);
  await parts.tombstones.put(target.serverId, target.generation);
  return tearDown(parts, target.serverId, living);
}

/** Inside the server's mutex, behind its tombstone. */
export async function tearDown(parts: Parts, serverId: string, living: Body | null): Promise<string[]> {
  const removed: string[] = [];
  if (living) {
    if (living.seen.state !== 'off') await parts.heavy.run(TURN_MS, () => parts.hypervisor.destroy(serverId));
    await parts.hypervisor.undefine(serverId);
    removed.push('domain');
  }
  // The disks' and the network's users are gone now.
  for (const volumeId of await parts.volumes.removeAll(serverId)) removed.push(`volume ${volumeId}`);
  if (await parts.seeds.remove(serverId)) removed.push('seed');
  removed.push(...(await parts.network.remove(serverId)));
  await parts.paths.remove(serverId);
  // An event that still found the domain may be about to note how its run ended.
  await parts.watch.idle();
  await parts.runs.forget(serverId);
  // Last: while it stands, the agent knows at its start that something may be left.
  await parts.generations.forget(serverId);
  return removed;
}

/** What a crash left half-removed. Every server is taken by itself: one that fails does not keep the others. */
export async function finishRemovals(parts: Parts): Promise<void> {
  const bodies = new Map((await parts.hypervisor.list()).map((body) => [body.serverId, body]));
  const [withState, withVolumes, withSeed] = await Promise.all([
    parts.generations.all(),
    parts.volumes.servers(),
    parts.seeds.servers(),
  ]);
  const suspects = new Set([...bodies.keys(), ...withState, ...withVolumes, ...withSeed]);
  for (const serverId of await parts.tombstones.all()) {
    if (!suspects.has(serverId)) continue;
    try {
      await parts.mutex.run(serverId, TURN_MS, async () => {
        const buried = await parts.tombstones.generationOf(serverId);
        const living = await parts.hypervisor.look(serverId);
        const wanted = Math.max(living?.generation ?? 0, await parts.generations.notedFor(serverId));
        if (wanted > buried) return;
        const removed = await tearDown(parts, serverId, living);
        parts.log.info({ serverId, generation: buried, removed }, 'finished a removal');
      });
    } catch (error) {
      parts.log.warn({ err: error, serverId }, 'a removal could not be finished yet');
    }
  }
}
