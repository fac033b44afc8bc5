import { type Parts, TURN_MS } from './parts.ts';

/**
 * Takes away the remnants of servers that are off or gone. Others' domains, and cgroups of another machine that shares the kernel's tree, are
 * not ours to judge. Answers the paths; each server is taken by itself: one that fails does not keep the others.
 */
export async function clearRemnants(parts: Parts): Promise<string[]> {
  const all = await parts.remnants.all();
  if (all.length === 0) return [];
  const states = new Map((await parts.hypervisor.list()).map(({ serverId, seen }) => [serverId, seen.state]));
  const buried = new Set(await parts.tombstones.all());
  const cleared: string[] = [];
  for (const remnant of all) {
    const { serverId, path } = remnant;
    if (states.has(serverId) ? states.get(serverId) !== 'off' : !buried.has(serverId)) continue;
    try {
      await parts.mutex.run(serverId, TURN_MS, async () => {
        const body = await parts.hypervisor.look(serverId);
        if (body !== null && body.seen.state !== 'off') return;
        await parts.remnants.remove(remnant);
        cleared.push(path);
      });
    } catch (error) {
      parts.log.warn({ err: error, serverId, path }, 'what libvirt forgot could not be taken away yet');
    }
  }
  return cleared;
}
