/**
 * Joins small pieces: what comes in bulk is read on a tick that all streams share, so that it gathers in the kernel
 * meanwhile, and a TLS record, a system call and a frame carry more of it: what a read costs at both ends of the
 * connection hardly depends on its size (docs/decisions/0009-consoles.md).
 *
 * The first piece after quiet is never held, so an echo is not slowed; nor is a large one, since a socket's buffer
 * per tick would then be all that a stream can carry. For the same reason a stream that carries much has a tick of
 * its own, as short as timers are.
 */
import type { Clock } from '../clock.ts';

class Tick {
  readonly #ms: number;
  readonly #waiting = new Set<() => void>();

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Calls back at the next one. */
  wait(resume: () => void): void {
    this.#waiting.add(resume);
    if (this.#waiting.size > 1) return;
    setTimeout(() => {
      const now = [...this.#waiting];
      this.#waiting.clear();
      for (const call of now) call();
    }, this.#ms);
  }
}

/** Pieces below `smallest` bytes, and of `large` and more, are never held. `quietMs`: longer than from tick to tick. */
type Pace = { calm: Tick; quietMs: number; smallest: number; large: number };

/**
 * Updates of a screen: what is smaller is an echo or a pointer's answer, and what is larger is not all that a socket of
 * the kernel's usual size (208 KiB) holds. How close to each other a real QEMU's updates come was not measured.
 */
export const screenPace: Pace = { calm: new Tick(12), quietMs: 16, smallest: 256, large: 163_840 };
/** A port's pieces are small, and those of one line follow each other at once. */
export const portPace: Pace = { calm: new Tick(4), quietMs: 6, smallest: 1, large: 32_768 };
export const busy = new Tick(1);

/** What follows sooner is the rest of one large update, which is not to wait for long. */
const AT_ONCE_MS = 0.5;
/** A stream is busy that says so much more than 8 MiB/s. */
const CALM_BYTES_PER_MS = 8_192;
const CALM_BYTES = 131_072;

/** One per stream. */
export class Pacing {
  readonly #clock: Clock;
  readonly #pace: Pace;
  #last = Number.NEGATIVE_INFINITY;
  /** What it has said lately beyond what a calm one says. */
  #ahead = 0;

  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock;
    this.#pace = pace;
  }

  /** For what the next read has to wait, after a read of so many bytes. */
  after(bytes: number): Tick | null {
    const { calm, quietMs, smallest, large } = this.#pace;
    const now = this.#clock.monotonic();
    const passedMs = now - this.#last;
    this.#last = now;
    const ahead = Math.max(0, this.#ahead - passedMs * CALM_BYTES_PER_MS) + bytes;
    this.#ahead = Math.min(ahead, 2 * CALM_BYTES);
    if (passedMs >= quietMs || bytes < smallest || bytes >= large) return null;
    return passedMs >= AT_ONCE_MS && ahead < CALM_BYTES ? calm : busy;
  }
}
