import { setTimeout as sleep } from 'node:timers/promises';
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

test('pages are told once that a host does not answer, once more when it is silent, and when it is back', async () => {
  const host = await trust.newHost();
  const worker = trust.worker();
  let awayMs = 0;
  const deps = { ...worker, clock: { now: () => new Date(Date.now() + awayMs) } };
  const kinds = async () =>
    (
      await deps.db.event.findMany({
        where: { subject: `host:${host.id}` },
        orderBy: { id: 'asc' },
        select: { kind: true },
      })
    ).map(({ kind }) => kind);
  await host.heard(0);
  await host.pause();
  const stop = new AbortController();
  const watching = watchHost(deps, { id: host.id }, stop.signal);
  const says = (text: string) =>
    vi.waitFor(async () => expect((await host.row()).lastError ?? '').toContain(text), {
      timeout: 8_000,
      interval: 50,
    });
  await says('no answer: ');
  // Both loops have failed several times by then, each in words of its own.
  await sleep(2_500);
  expect(await kinds()).toEqual(['no-contact']);
  awayMs = 61_000;
  await says('no answer for a minute: ');
  await sleep(2_500);
  expect(await kinds()).toEqual(['no-contact', 'no-contact']);
  await host.restart();
  await vi.waitFor(async () => expect((await host.row()).lastError).toBeNull(), { timeout: 15_000, interval: 100 });
  expect(['contact', 'described']).toContain((await kinds()).at(-1));
  expect((await kinds()).filter((kind) => kind === 'no-contact')).toHaveLength(2);
  stop.abort();
  worker.noteHosts([]);
  await watching;
  worker.close();
  await host.end();
}, 60_000);
