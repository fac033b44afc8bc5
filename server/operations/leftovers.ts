/** The checker of "nothing left over" on the simulated host. On a real one: scripts/checker, by the same sentences. */
import type { SimulatedAgent } from '../agent-client/simulated.ts';
import type { OperationDeps } from './definition.ts';

/**
 * What is wrong between the rows and the host, in sentences. Every server is either whole (one place, one
 * address of each family, one disk, an active subscription, and a body that matches) or gone from both sides.
 */
export async function leftovers({
  deps,
  agent,
}: {
  deps: Pick<OperationDeps, 'db'>;
  agent: SimulatedAgent;
}): Promise<string[]> {
  const servers = await deps.db.server.findMany({
    include: {
      placements: { where: { endedAt: null } },
      holds: { where: { until: null }, include: { address: true } },
      volumes: { where: { deletedAt: null } },
      subscription: true,
      operations: { where: { kind: 'create' } },
    },
  });
  const wrong: string[] = [];
  for (const server of servers) {
    const body = agent.bodies.get(server.id);
    const whole = server.deletedAt === null && server.operations[0]?.state === 'succeeded';
    const expect = (what: string, actual: unknown, wanted: unknown) => {
      if (actual !== wanted)
        wrong.push(`${server.id} (${whole ? 'whole' : 'gone'}): ${what} is ${actual}, should be ${wanted}`);
    };
    expect('places', server.placements.length, whole ? 1 : 0);
    for (const family of ['v4', 'v6'])
      expect(
        `${family} addresses`,
        server.holds.filter((hold) => hold.address.family === family).length,
        whole ? 1 : 0,
      );
    expect('disks', server.volumes.length, whole ? 1 : 0);
    expect('subscription', server.subscription?.state, whole ? 'active' : 'ended');
    expect('domain', body?.domain !== undefined, whole);
    expect("host's disks", [...(body?.volumes ?? [])].join(), whole ? server.volumes[0]?.id : '');
    expect('network', body?.network ?? false, whole);
    if (!whole) expect('seed', body?.seed ?? false, false);
    if (whole) expect('domain state', body?.domain?.state, server.intended === 'running' ? 'running' : 'off');
  }
  const known = new Set(servers.map((server) => server.id));
  for (const id of agent.bodies.keys()) if (!known.has(id)) wrong.push(`a body of nobody: ${id}`);
  const open = await deps.db.operationAttempt.count({ where: { endedAt: null } });
  if (open > 0) wrong.push(`${open} attempts without an end`);
  return wrong;
}
