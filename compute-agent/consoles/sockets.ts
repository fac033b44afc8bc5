/** A guest's unix sockets, and how sockets end. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMissing } from '../durable.ts';

/** Linux's own; Node does not name it. */
const O_PATH = 0o10000000;
/** QEMU lets few wait at its door, and is busy now and then. */
const CROWDED_TRIES = 20;
const CROWDED_PAUSE_MS = 25;

/**
 * Connects to a socket in a folder that QEMU's user may write. We are root and will carry a stranger's bytes to
 * whatever is there, so it must be a socket of that user (or of root's making for it) and not a link to libvirt's own:
 * it is opened without following links, looked at, and reached by what was opened, not by its name again.
 *
 * `onread`: own buffers (node:net). `connected` is called before the first byte is read. null: nobody listens there.
 * The caller closes its half; the other end's closing does not.
 */
export async function connectOwned(
  path: string,
  owner: number,
  onread: OnReadOpts,
  connected: (socket: Socket) => void,
): Promise<Socket | null> {
  const handle = await open(path, O_PATH | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (handle === null) return null;
  try {
    const stats = await handle.stat();
    if (!stats.isSocket() || stats.uid !== owner) throw new Error(`${path} is not a socket of QEMU's user`);
    for (let tries = CROWDED_TRIES; ; tries -= 1) {
      const result = await attempt(`/proc/self/fd/${handle.fd}`, onread, connected);
      if (typeof result !== 'string') return result;
      if (result === 'ECONNREFUSED') return null;
      if (result !== 'EAGAIN' || tries === 0) throw new Error(`${path} cannot be reached: ${result}`);
      await sleep(CROWDED_PAUSE_MS);
    }
  } finally {
    await handle.close();
  }
}

function attempt(path: string, onread: OnReadOpts, connected: (socket: Socket) => void): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ path, onread, allowHalfOpen: true });
    const refused = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
    socket.once('error', refused);
    socket.once('connect', () => {
      socket.off('error', refused);
      // It is followed by 'close', which is what everybody listens to.
      socket.on('error', () => {});
      connected(socket);
      resolve(socket);
    });
  });
}

/** Sends what was written, ends, and does not wait longer than `ms` for the other side to take it. */
export function endSoon(socket: Socket, ms: number): void {
  if (socket.destroyed) return;
  socket.destroySoon();
  const timer = setTimeout(() => socket.destroy(), ms);
  socket.once('close', () => clearTimeout(timer));
}
