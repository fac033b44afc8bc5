/**
 * Joins small pieces: what comes in bulk is read on a tick that all streams share, so that it gathers in the kernel
 * meanwhile, and a TLS record, a system call and a frame carry more of it. Twice as many bytes per CPU second at
 * 4 KiB pieces (docs/decisions/0009-consoles.md).
 *
 * The first piece after quiet is never held, so an echo is not slowed; nor is a large one, since a socket's buffer
 * per tick would then be all that a stream can carry.
 */
import type { Clock } from '../clock.ts';

const TICK_MS = 4;
const QUIET_MS = 6;
const LARGE_BYTES = 32_768;

const waiting = new Set<() => void>();

/** Calls back at the next tick. */
export function atTick(resume: () => void): void {
  waiting.add(resume);
  if (waiting.size > 1) return;
  setTimeout(() => {
    const now = [...waiting];
    waiting.clear();
    for (const call of now) call();
  }, TICK_MS);
}

/** One per stream. */
export class Pacing {
  readonly #clock: Clock;
  readonly #smallest: number;
  #last = Number.NEGATIVE_INFINITY;

  /** Pieces below `smallest` bytes are never held. */
  constructor(clock: Clock, smallest: number) {
    this.#clock = clock;
    this.#smallest = smallest;
  }

  /** Whether the next read has to wait for the tick, after a read of so many bytes. */
  holds(bytes: number): boolean {
    const now = this.#clock.monotonic();
    const quiet = now - this.#last >= QUIET_MS;
    this.#last = now;
    return !quiet && bytes >= this.#smallest && bytes < LARGE_BYTES;
  }
}
