/**
 * The log of what changed, from which the control plane follows. It lives in memory: a new epoch says that it
 * was lost (agent restarted, or libvirtd was away and events with it), and the reader takes the inventory again.
 * Every change is kept, not only the last one of a server: that a guest shut itself down matters, even if it
 * runs again a moment later.
 */
import { randomUUID } from 'node:crypto';
import type { Observation } from './contract/shapes.ts';

const ENTRIES_MAX = 10_000;
const ANSWER_MAX = 1_000;

export interface Changes {
  epoch: string;
  seq: number;
  reset: boolean;
  observations: Observation[];
}

export class Journal {
  #epoch = randomUUID();
  /** Entry i has the number `#first + i`. */
  #entries: Observation[] = [];
  #first = 1;
  #wakers = new Set<() => void>();
  #closed = false;
  readonly #entriesMax: number;

  constructor(entriesMax = ENTRIES_MAX) {
    this.#entriesMax = entriesMax;
  }

  /** The point from which to follow. Take it before listing: a change in between is then told twice, not lost. */
  get point(): { epoch: string; seq: number } {
    return { epoch: this.#epoch, seq: this.#first + this.#entries.length - 1 };
  }

  append(observation: Observation): void {
    this.#entries.push(observation);
    const surplus = this.#entries.length - this.#entriesMax;
    // A tenth at once, since shifting a long array is not free.
    if (surplus > this.#entriesMax / 10) {
      this.#entries.splice(0, surplus);
      this.#first += surplus;
    }
    this.#wake();
  }

  /** Events may have been missed: readers must list anew. */
  reset(): void {
    this.#epoch = randomUUID();
    this.#first += this.#entries.length;
    this.#entries = [];
    this.#wake();
  }

  /** What came after `after`; waits up to `waitMs` while there is nothing. */
  async changes(from: { epoch: string; after: number; waitMs: number }, signal?: AbortSignal): Promise<Changes> {
    const now = this.#read(from);
    if (now.reset || now.observations.length > 0 || from.waitMs === 0 || this.#closed || signal?.aborted) return now;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, from.waitMs);
      this.#wakers.add(done);
      signal?.addEventListener('abort', done);
    });
    return this.#read(from);
  }

  /** Ends every wait, now and later: the agent is going down. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #read(from: { epoch: string; after: number }): Changes {
    const { epoch, seq } = this.point;
    const known = from.epoch === epoch && from.after >= this.#first - 1 && from.after <= seq;
    if (!known) return { epoch, seq, reset: true, observations: [] };
    const start = from.after - this.#first + 1;
    const observations = this.#entries.slice(start, start + ANSWER_MAX);
    return { epoch, seq: from.after + observations.length, reset: false, observations };
  }

  #wake(): void {
    for (const waker of [...this.#wakers]) waker();
  }
}
