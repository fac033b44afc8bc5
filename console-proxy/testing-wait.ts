/** For tests: waiting for what must come, as long as that may take on a busy machine. */
import { expect, vi } from 'vitest';

/** What never comes costs so much; what comes costs nothing more. */
const PATIENCE_MS = 30_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

/** Until it does not throw any more. @returns what it returns */
export const eventually = <T>(check: () => T | Promise<T>, interval = 20): Promise<T> =>
  vi.waitFor(check, { timeout: PATIENCE_MS, interval });

export const until = (what: () => unknown) => expect.poll(what, { timeout: PATIENCE_MS, interval: 20 }).toBeTruthy();

const TURN_MS = 20;

/**
 * Milliseconds as this process has them, in which the proxy lives, too: a turn of the event loop that the machine
 * gives late counts as one in time, so that a limit of the product's can be held against it on a busy machine.
 * @returns how many have gone
 */
export function stopwatch(): () => number {
  let [at, gone] = [performance.now(), 0];
  const turn = () => {
    const now = performance.now();
    gone += Math.min(now - at, 2 * TURN_MS);
    at = now;
  };
  const timer = setInterval(turn, TURN_MS);
  return () => {
    clearInterval(timer);
    turn();
    return gone;
  };
}
