/** For tests: clients on fake daemons, closed after each test. */
import { afterEach } from 'vitest';
import type { ConnectOptions, LibvirtClient } from './api.ts';
import { connect } from './client.ts';
import { FakeLibvirtd, type Handlers } from './fake-libvirtd.ts';

export const web = { name: 'web', uuid: 'dc6bf2da-783b-4f75-8137-b628263a1206', id: 3 };
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

export async function start(handlers: Handlers = {}): Promise<FakeLibvirtd> {
  const fake = await FakeLibvirtd.start(handlers);
  open.push(() => fake.stop());
  return fake;
}

export function client(fake: FakeLibvirtd, options: ConnectOptions = {}): LibvirtClient {
  const made = connect({ socketPath: fake.socketPath, deadlineMs: 5_000, ...options });
  open.push(() => made.close());
  return made;
}

export async function until(condition: () => boolean): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > 10_000) throw new Error(`never happened: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const next = (subscribe: (listener: () => void) => () => void) =>
  new Promise<void>((resolve) => {
    const forget = subscribe(() => {
      forget();
      resolve();
    });
  });
