/**
 * How the server's clock stands against the page's own. A browser's wall clock may be minutes off, or be set while
 * the page is open; what counts down to an instant that the server named must not go by it. So the page measures:
 * an answer that carries the server's time was written between its request and its arrival, which bounds the offset
 * to half of that, whatever the network did. All in milliseconds; the page's clock is `performance.now()`.
 */
export interface Sample {
  /** On the page's clock. */
  sentAt: number;
  receivedAt: number;
  /** Unix time, by the server. */
  serverMs: number;
}
export interface Estimate {
  /** Server's time = page's time + this. */
  offsetMs: number;
  /** The true offset is at most this far away. */
  errorMs: number;
  /** When that was so, on the page's clock. */
  at: number;
}

/** Two quartz clocks part by less: 0.1 ms in a second. */
const drift = 1e-4;

/**
 * The better of the two, or the newer where they contradict each other: then one of the clocks was set, or the
 * page's stood still while the machine slept.
 */
export function estimate(previous: Estimate | null, { sentAt, receivedAt, serverMs }: Sample): Estimate {
  const fresh = {
    offsetMs: serverMs - (sentAt + receivedAt) / 2,
    errorMs: Math.max(0, receivedAt - sentAt) / 2,
    at: receivedAt,
  };
  if (previous === null) return fresh;
  const errorNow = previous.errorMs + Math.max(0, receivedAt - previous.at) * drift;
  const contradicted = Math.abs(fresh.offsetMs - previous.offsetMs) > fresh.errorMs + errorNow;
  return contradicted || fresh.errorMs <= errorNow ? fresh : previous;
}
