/** A libvirtd and an agent on it for one file of tests, emptied after each of them. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import { IsolatedLibvirtd } from './libvirt/isolated-libvirtd.ts';
import { TestHost } from './testing.ts';

/** Calls `ready` before the first test; the file keeps what it is given. `disk`: another guest than the tiny one. */
export function withHost(ready: (host: TestHost, daemon: IsolatedLibvirtd) => void, disk?: Buffer): void {
  let daemon: IsolatedLibvirtd | undefined;
  let host: TestHost | undefined;
  beforeAll(async () => {
    daemon = await IsolatedLibvirtd.start();
    host = await TestHost.create(disk);
    await host.startAgent();
    ready(host, daemon);
  });
  afterEach(() => host?.removeAll());
  afterAll(async () => {
    await host?.stopAgent();
    await daemon?.kill();
    await host?.destroy();
  });
}
