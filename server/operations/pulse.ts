/**
 * Whether a worker may judge the others' silence. After a freeze, a lost database or a clock that was set, all
 * heartbeats look old at once, the living ones too: so only a heart that has beaten evenly for as long as the
 * silence it judges may speak.
 */
export type Pulse = {
  /** After each beat. @returns whether others may be judged now */
  beaten: (nowMs: number) => boolean;
  /** Since the last beat. */
  ageMs: (nowMs: number) => number;
};

export function createPulse(startMs: number, silentMs: number): Pulse {
  let last = startMs;
  let steadySince = startMs;
  return {
    beaten: (nowMs) => {
      // Backwards too: by the new clock nothing could be judged until it is where the old one was.
      if (Math.abs(nowMs - last) > silentMs / 2) steadySince = nowMs;
      last = nowMs;
      return nowMs - steadySince >= silentMs;
    },
    ageMs: (nowMs) => nowMs - last,
  };
}
