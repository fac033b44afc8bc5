/** The checker of "nothing left over" on the simulated host. On a real one: scripts/checker, by the same rules. */
import type { SimulatedAgent } from '../agent-client/simulated.ts';
import type { Kind, Machine, Thing } from '../leftovers/machine.ts';
import { readRows } from '../leftovers/rows.ts';
import { findViolations } from '../leftovers/rules.ts';
import type { Violation } from '../leftovers/violation.ts';
import type { OperationDeps } from './definition.ts';

/** What is wrong between the rows and the host. */
export async function leftovers({
  deps,
  agent,
}: {
  deps: Pick<OperationDeps, 'db'>;
  agent: SimulatedAgent;
}): Promise<Violation[]> {
  const ask = async (sql: string) => (await deps.db.$queryRawUnsafe<[{ answer: unknown }]>(sql))[0].answer;
  // The harness has a durable runner of its own.
  return findViolations([simulatedMachine(agent)], await readRows(ask, { dbos: false }));
}

const looked: ReadonlySet<Kind> = new Set(['disk', 'seed', 'filter', 'lease', 'tombstone']);

function simulatedMachine(agent: SimulatedAgent): Machine {
  const things: Thing[] = [...agent.bodies].flatMap(([serverId, { volumes, seed, network }]) => [
    ...[...volumes].map((name) => ({ kind: 'disk' as const, name, serverId })),
    ...(seed ? [{ kind: 'seed' as const, name: serverId, serverId }] : []),
    ...(network ? (['filter', 'lease'] as const).map((kind) => ({ kind, name: serverId, serverId })) : []),
  ]);
  for (const serverId of agent.tombstones.keys()) things.push({ kind: 'tombstone', name: serverId, serverId });
  return {
    hostId: agent.host.id,
    looked,
    domains: [...agent.bodies].flatMap(([name, { domain }]) =>
      domain ? [{ name, uuid: domain.spec.uuid, state: domain.state, generation: domain.generation }] : [],
    ),
    things,
    tombstones: agent.tombstones,
    addresses: null,
    neighbours: null,
    leaseDaemons: null,
  };
}
