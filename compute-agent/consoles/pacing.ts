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

const CALM_MS = 10;
export const calm = new Tick(CALM_MS);
export const busy = new Tick(1);
/** Longer than from one calm tick to what is read on the next. */
const QUIET_MS = CALM_MS + 4;
/** A stream is busy that says more than 8 MiB/s for longer than such an amount lasts. */
const CALM_BYTES_PER_MS = 8_192;
const CALM_BYTES = 131_072;

/** One per stream. */
export class Pacing {
  readonly #clock: Clock;
  readonly #smallest: number;
  readonly #large: number;
  #last = Number.NEGATIVE_INFINITY;
  /** What it has said lately beyond what a calm one says. */
  #ahead = 0;

  /** Pieces below `smallest` bytes, and of `large` and more, are never held. */
  constructor(clock: Clock, smallest: number, large: number) {
    this.#clock = clock;
    this.#smallest = smallest;
    this.#large = large;
  }

  /** For what the next read has to wait, after a read of so many bytes. */
  after(bytes: number): Tick | null {
    const now = this.#clock.monotonic();
    const passedMs = now - this.#last;
    this.#last = now;
    const ahead = Math.max(0, this.#ahead - passedMs * CALM_BYTES_PER_MS) + bytes;
    this.#ahead = Math.min(ahead, 2 * CALM_BYTES);
    if (passedMs >= QUIET_MS || bytes < this.#smallest || bytes >= this.#large) return null;
    return ahead < CALM_BYTES ? calm : busy;
  }
}
