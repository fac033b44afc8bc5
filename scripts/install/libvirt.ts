/**
 * libvirt's settings, in files of our own that are given to the daemons by -f: /etc/libvirt stays as Debian
 * made it. A libvirtd that runs already (systemd's) keeps its own; docs/operating.md names what to set there.
 */
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { putFile } from './files.ts';
import { pause } from './interruption.ts';
import type { Layout } from './layout.ts';
import { StepError } from './step.ts';

/** How a running guest is known: libvirt's pid files of its QEMUs. */
export const GUESTS = { folder: '/run/libvirt/qemu', command: 'qemu-system-x86_64' };

// The agent sends at most four calls over each of its connections, which is below the default of five. This is for
// other clients beside it, and for the sum of them. Priority workers answer what never blocks (destroy, list).
const LIBVIRTD = `# Made by scripts/install/libvirt.ts.
max_client_requests = 100
max_workers = 40
prio_workers = 10
`;

// 8 MiB and three older ones per guest: last night's boot is there in the morning, and no guest fills the disk.
const VIRTLOGD = `# Made by scripts/install/libvirt.ts.
max_size = 8388608
max_backups = 3
`;

export function writeLibvirtConfig(layout: Layout): void {
  putFile(join(layout.etc, 'libvirtd.conf'), LIBVIRTD);
  putFile(join(layout.etc, 'virtlogd.conf'), VIRTLOGD);
}

/** Waits until libvirtd takes connections. The first time it asks QEMU what it can, for about 8 s. */
export async function libvirtAnswers(layout: Layout, socket = '/run/libvirt/libvirt-sock'): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await pause(200)) {
    if (await connects(socket)) return;
  }
  throw new StepError(`libvirtd does not answer on ${socket}`, `Read ${layout.log}/libvirtd.log.`);
}

function connects(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
