/**
 * A viewer's connection to QEMU's VNC server, as bytes: nothing of RFB is known here. From QEMU it is read into two
 * buffers of the stream's own that take turns, so nothing is allocated per read, and a viewer who does not read is not
 * read for: a buffer is free again when what is in it has been sent.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { AgentError } from '../contract/errors.ts';
import { Pacing, screenPace } from './pacing.ts';
import { connectOwned, endSoon } from './sockets.ts';

/** Memory that is never written costs nothing: an idle console keeps a page or two of it. */
const BUFFER_BYTES = 262_144;
/** How long either end may take for what was on its way when the other one ended. */
const ENDING_MS = 2_000;

interface VncOptions {
  path: string;
  /** Whose socket it must be. */
  owner: number;
  viewer: Socket;
  clock: Clock;
  /** Before the first byte. */
  accept: () => void;
}

/** Resolves when the stream has begun. */
export async function openVnc({ path, owner, viewer, clock, accept }: VncOptions): Promise<void> {
  const downstream = new Downstream(viewer, new Pacing(clock, screenPace));
  const qemu = await connectOwned(path, owner, downstream.onread, (socket) => {
    if (viewer.destroyed) {
      socket.destroy();
      return;
    }
    accept();
    join(socket, viewer, downstream);
  });
  if (qemu === null) throw new AgentError('HYPERVISOR', 'its screen is not there');
}

function join(qemu: Socket, viewer: Socket, downstream: Downstream): void {
  downstream.from(qemu);
  viewer.on('data', (chunk: Buffer) => {
    if (!qemu.write(chunk)) viewer.pause();
  });
  qemu.on('drain', () => viewer.resume());
  for (const event of ['end', 'close'] as const) {
    qemu.once(event, () => endSoon(viewer, ENDING_MS));
    viewer.once(event, () => endSoon(qemu, ENDING_MS));
  }
  // The viewer's part of a half-open connection: nothing comes from there any more.
  viewer.once('end', () => endSoon(viewer, ENDING_MS));
}

class Downstream {
  readonly #viewer: Socket;
  readonly #pacing: Pacing;
  readonly #buffers = [Buffer.allocUnsafeSlow(BUFFER_BYTES), Buffer.allocUnsafeSlow(BUFFER_BYTES)] as const;
  #next: 0 | 1 = 0;
  #free = 2;
  #held = false;
  #stopped = false;
  #qemu: Socket | undefined;

  constructor(viewer: Socket, pacing: Pacing) {
    this.#viewer = viewer;
    this.#pacing = pacing;
  }

  from(qemu: Socket): void {
    this.#qemu = qemu;
  }

  readonly onread = {
    buffer: (): Buffer => this.#buffers[this.#next],
    callback: (bytes: number): boolean => {
      const piece = this.#buffers[this.#next].subarray(0, bytes);
      this.#next = this.#next === 0 ? 1 : 0;
      this.#free -= 1;
      this.#viewer.write(piece, this.#sent);
      const tick = this.#pacing.after(bytes);
      this.#held = tick !== null;
      tick?.wait(this.#tick);
      this.#stopped = this.#free === 0 || this.#held;
      return !this.#stopped;
    },
  };

  readonly #sent = (): void => {
    this.#free += 1;
    this.#goOn();
  };

  readonly #tick = (): void => {
    this.#held = false;
    this.#goOn();
  };

  #goOn(): void {
    if (!this.#stopped || this.#free === 0 || this.#held) return;
    this.#stopped = false;
    this.#qemu?.resume();
  }
}
