/** How the door waits for a host that opens no stream, or has closed it: what it says, how long, and when it gives up. */
import { AgentError } from '../../compute-agent/contract/errors.ts';

const RETRY_MS = [1_000, 2_000, 3_000, 5_000];
/** A host that was away for so long is given up. A server that is being made is waited for. */
const AWAY_MS = 10 * 60_000;
/** A stream that lived for so long was a good one. */
const GOOD_MS = 5_000;

type Outcome = { ended: 'ended' | Error; livedMs: number; now: number };
type Next = { is: 'wait'; ms: number; say: 'noBody' | 'hostAway' | null } | { is: 'gaveUp' } | { is: 'failed' };

export class Absence {
  #since: number | null = null;
  #tries = 0;
  #said: 'noBody' | 'hostAway' | null = null;

  /** The output goes on. @returns whether anything had been said of its absence */
  over(): boolean {
    const wasSaid = this.#said !== null;
    this.#said = null;
    return wasSaid;
  }

  next({ ended, livedMs, now }: Outcome): Next {
    if (ended instanceof Error && (!(ended instanceof AgentError) || HOPELESS.has(ended.code))) return { is: 'failed' };
    if (ended === 'ended' && livedMs >= GOOD_MS) {
      this.#since = null;
      this.#tries = 0;
    }
    this.#since ??= now;
    const why = ended instanceof AgentError && ended.code === 'NO_SUCH_DOMAIN' ? 'noBody' : 'hostAway';
    if (why === 'hostAway' && now - this.#since >= AWAY_MS) return { is: 'gaveUp' };
    const ms = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)] as number;
    const say = why === this.#said ? null : why;
    this.#said = why;
    return { is: 'wait', ms, say };
  }
}

/** Asked again they would say the same. */
const HOPELESS: ReadonlySet<string> = new Set(['FORBIDDEN', 'INTERNAL', 'BAD_REQUEST']);
