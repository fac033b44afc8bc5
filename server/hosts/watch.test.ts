import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTrust, type Trust } from './testing.ts';
import { watchHost } from './watch.ts';

let trust: Trust;
beforeAll(async () => {
  trust = await createTrust();
});
afterAll(() => trust.drop());

test('a host is known at once, and what its first probe found soon after', async () => {
  const host = await trust.newHost();
  const worker = trust.worker();
  let probed = false;
  const deps = {
    ...worker,
    agents: (of: Parameters<typeof worker.agents>[0]) => ({
      ...worker.agents(of),
      describeHost: async () => {
        const said = await worker.agents(of).describeHost({});
        return probed ? said : { ...said, accelerator: { ...said.accelerator, attempts: [] } };
      },
    }),
  };
  const stop = new AbortController();
  const watching = watchHost(deps, { id: host.id }, stop.signal);
  await vi.waitFor(async () => expect((await host.row()).vcpuTotal).toBeGreaterThan(0), 5_000);
  expect((await host.row()).accelerator).toMatchObject({ attempts: [] });
  probed = true;
  await vi.waitFor(async () => expect((await host.row()).accelerator).toMatchObject({ attempts: [{ ok: true }] }), {
    timeout: 8_000,
    interval: 100,
  });
  stop.abort();
  worker.noteHosts([]);
  await watching;
  worker.close();
  await host.end();
}, 30_000);
