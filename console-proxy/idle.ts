/**
 * How long nobody has done anything at a console. It is closed after the limit, and who sits there is told before, so
 * that they may stay. Only what a person does counts: no ping, no picture, nothing that a browser says by itself.
 */
const WARNING_MS = 2 * 60_000;

export class IdleClock {
  readonly #limitMs: number;
  readonly #tell: (closesInMs: number | null) => void;
  readonly #now: () => number;
  #actedAt: number;
  #warned = false;

  /** @param tell how long is left, once; null: somebody did something, all is well */
  constructor(limitMs: number, tell: (closesInMs: number | null) => void, now = () => performance.now()) {
    this.#limitMs = limitMs;
    this.#tell = tell;
    this.#now = now;
    this.#actedAt = now();
  }

  acted(): void {
    this.#actedAt = this.#now();
    if (!this.#warned) return;
    this.#warned = false;
    this.#tell(null);
  }

  /** @returns whether the limit is reached. Warns on the way there. */
  look(): boolean {
    const leftMs = this.#actedAt + this.#limitMs - this.#now();
    if (!this.#warned && leftMs > 0 && leftMs <= Math.min(WARNING_MS, this.#limitMs / 2)) {
      this.#warned = true;
      this.#tell(leftMs);
    }
    return leftMs <= 0;
  }
}
