/**
 * Ctrl-C, a closed terminal or SIGTERM while an installation is made. Waiting ends at once and programs that were
 * called are ended; what must not be cut in two (starting the supervisor, copying a release) goes to its end, and the
 * step after it does not begin. Who was interrupted then stops what this run started.
 */
import { setTimeout as sleep } from 'node:timers/promises';

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const controller = new AbortController();

/** Of the whole process, like the signals that cause it. */
export const interruption: AbortSignal = controller.signal;

export function interrupt(signal: NodeJS.Signals): void {
  controller.abort(new Interrupted(signal));
}

/** @throws Interrupted, as soon as it is */
export async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: interruption }).catch(() => {});
  interruption.throwIfAborted();
}
