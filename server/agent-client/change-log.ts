/** The simulated agent's log of changes, and the long poll of it. */
import type { Observation } from '../../compute-agent/contract/shapes.ts';

export class ChangeLog {
  #entries: Observation[] = [];
  #epoch = 1;
  readonly #waiting = new Set<() => void>();

  /** The place from which to follow. */
  get point(): { epoch: string; seq: number } {
    return { epoch: `epoch-${this.#epoch}`, seq: this.#entries.length };
  }

  append(entry: Observation): void {
    this.#entries.push(entry);
    for (const wake of this.#waiting) wake();
  }

  /** All is forgotten: who follows must list anew. */
  reset(): void {
    this.#epoch += 1;
    this.#entries = [];
    for (const wake of this.#waiting) wake();
  }

  /** What came after the place; waits when there is nothing. null: the place is of another epoch. */
  async since(epoch: string, after: number, waitMs: number): Promise<Observation[] | null> {
    const known = () => epoch === this.point.epoch && after <= this.#entries.length;
    if (known() && this.#entries.length === after) await this.#quietUntil(waitMs);
    return known() ? this.#entries.slice(after) : null;
  }

  #quietUntil(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(done);
    });
  }
}
