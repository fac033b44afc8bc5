/**
 * Events into the journal, in their order. A call that changed the power waits for the event of its own change, and
 * adds nothing beside it: events come over another connection than answers, so a second writer could put an older
 * state behind a newer one.
 */
import type { Observation } from './contract/shapes.ts';
import type { Change, Hypervisor } from './driver.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import type { Runs } from './runs.ts';

export class Watch {
  readonly #hypervisor: Hypervisor;
  readonly #journal: Journal;
  readonly #runs: Runs;
  readonly #log: Logger;
  readonly #last = new Map<string, Observation>();
  readonly #waiting = new Set<() => void>();
  #queue: Promise<void> = Promise.resolve();

  constructor(input: { hypervisor: Hypervisor; journal: Journal; runs: Runs; log: Logger }) {
    this.#hypervisor = input.hypervisor;
    this.#journal = input.journal;
    this.#runs = input.runs;
    this.#log = input.log;
    this.#hypervisor.onChange((change) => {
      this.#queue = this.#queue.then(() => this.#take(change));
    });
  }

  /** Events were lost: who follows must list anew. */
  reset(): void {
    this.#last.clear();
    this.#journal.reset();
  }

  /** Resolves when every event that has come so far is dealt with. */
  idle(): Promise<void> {
    return this.#queue;
  }

  /** Waits until the journal says what was observed; says it itself when the event does not come. */
  async settled(observation: Observation, waitMs: number): Promise<void> {
    const told = (): boolean => same(this.#last.get(observation.serverId), observation);
    if (told()) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (told()) done();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(look);
    });
    this.#append(observation);
  }

  async #take(change: Change): Promise<void> {
    try {
      const observation = await this.#observe(change);
      if (observation) this.#append(observation);
    } catch (error) {
      // Without an answer the change is not known; the poll of the control plane finds it.
      this.#log.warn({ err: error, serverId: change.serverId }, 'an event could not be followed up');
    }
  }

  async #observe({ serverId, seen }: Change): Promise<Observation | null> {
    if (seen === 'absent') return { serverId, state: 'absent', reason: 'none', generation: 0 };
    const body = await this.#hypervisor.look(serverId);
    // Gone again; that it went is the next event.
    if (body === null) return null;
    const now = seen ?? body.seen;
    const reason = await this.#runs.refine(serverId, now);
    if (now.state === 'running') await this.#runs.started(serverId);
    else if (now.state === 'off' && now.reason !== 'unknown') await this.#runs.ended(serverId, reason);
    return { serverId, state: now.state, reason, generation: body.generation };
  }

  #append(observation: Observation): void {
    if (same(this.#last.get(observation.serverId), observation)) return;
    if (observation.state === 'absent') this.#last.delete(observation.serverId);
    else this.#last.set(observation.serverId, observation);
    this.#journal.append(observation);
    for (const look of [...this.#waiting]) look();
  }
}

const same = (a: Observation | undefined, b: Observation): boolean =>
  a !== undefined && a.state === b.state && a.reason === b.reason && a.generation === b.generation;
