/**
 * One changing call per server at a time, and a few heavy ones per host. Both are queues in order of arrival;
 * a caller who waits too long is sent away with BUSY, so that a hung call cannot pile up others behind it.
 */
import { AgentError } from './contract/errors.ts';

interface Waiter {
  enter: () => void;
  timer: NodeJS.Timeout;
}

/** At most `limit` at once. */
export class Semaphore {
  readonly #limit: number;
  readonly #waiting: Waiter[] = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get idle(): boolean {
    return this.#inside === 0;
  }

  /** Throws BUSY when its turn does not come within `waitMs`. */
  async run<T>(waitMs: number, work: () => Promise<T>): Promise<T> {
    await this.#enter(waitMs);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(waitMs: number): Promise<void> {
    if (this.#inside < this.#limit) {
      this.#inside += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        enter: () => {
          clearTimeout(waiter.timer);
          resolve();
        },
        timer: setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
          reject(new AgentError('BUSY', `another call is under way, and did not end within ${waitMs} ms`));
        }, waitMs),
      };
      this.#waiting.push(waiter);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    // The place passes on without becoming free, so nobody can slip in between.
    if (next) next.enter();
    else this.#inside -= 1;
  }
}

/** A mutex per key, that exists while somebody is in it. */
export class KeyedMutex {
  readonly #locks = new Map<string, Semaphore>();

  async run<T>(key: string, waitMs: number, work: () => Promise<T>): Promise<T> {
    let lock = this.#locks.get(key);
    if (!lock) {
      lock = new Semaphore(1);
      this.#locks.set(key, lock);
    }
    try {
      return await lock.run(waitMs, work);
    } finally {
      if (lock.idle && this.#locks.get(key) === lock) this.#locks.delete(key);
    }
  }

  /** How many keys are held now. */
  get size(): number {
    return this.#locks.size;
  }
}
