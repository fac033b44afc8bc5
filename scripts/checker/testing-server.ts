/** For the reader's tests: one whole running server of a real agent, and the row that describes it. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IsolatedLibvirtd } from '../../compute-agent/libvirt/isolated-libvirtd.ts';
import { TestHost, type TestServer } from '../../compute-agent/testing.ts';
import type { ServerRow } from '../../server/leftovers/rows.ts';
import { findViolations } from '../../server/leftovers/rules.ts';
import { readMachine } from './machine.ts';

export const BRIDGE = 'tsubo0';

let daemon: IsolatedLibvirtd;
export let host: TestHost;
export let server: TestServer;
export let row: ServerRow;

/** For the file that imports this. */
beforeAll(async () => {
  daemon = await IsolatedLibvirtd.start();
  host = await TestHost.create();
  await host.startAgent();
  server = host.newServer();
  await server.define(1);
  await host.agent.api.power({ ...server.at(1), action: 'start' });
  const [vif] = server.vifs;
  row = {
    id: server.id,
    domainUuid: server.spec.uuid,
    intended: 'running',
    generation: 1,
    needsAttention: false,
    alive: true,
    removed: false,
    placements: [{ hostId: 'h_test', observed: 'running', reason: 'booted', generation: 1 }],
    volumes: [server.volume.id],
    v4: [vif!.ipv4.address],
    v6: [vif!.ipv6.address],
    macs: [vif!.mac],
    subscription: 'active',
  };
  // It would put right what the tests do, in the middle of a look.
  await host.stopAgent();
});
afterAll(async () => {
  await host?.destroy();
  await daemon?.kill();
});

/** `kind id: sentence` of each violation. */
export async function look(): Promise<string[]> {
  const machine = await readMachine(host.dataDir, BRIDGE, join(host.folder, 'run'));
  const rows = {
    servers: [row],
    operations: [],
    doubleHolds: [],
    tickets: [],
    consoles: [],
    screens: [],
    workflows: [],
  };
  return findViolations([machine], rows).map(({ kind, id, sentence }) => `${kind} ${id}: ${sentence}`);
}

/** Puts a fault there; the answer takes it away again. */
type Plant = () => (() => unknown) | Promise<() => unknown>;
/** Its name, how it is planted, and how the violations begin by which it is seen. */
export type Fault = [string, Plant, () => string[]];

export function eachIsSeen(faults: Fault[]): void {
  test.each(faults)('%s is seen', async (_, plant, marks) => {
    const takeAway = await plant();
    let found: string[];
    try {
      found = await look();
    } finally {
      await takeAway();
    }
    for (const mark of marks())
      expect(found.filter((line) => line.startsWith(mark)).length, `${mark} in ${found.join('\n')}`).toBeGreaterThan(0);
    expect(await look()).toEqual([]);
  });
}
