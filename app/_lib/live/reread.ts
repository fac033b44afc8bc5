import type { StreamState } from './leader.ts';

const pollBusyMs = 3000;
const pollIdleMs = 30_000;
/**
 * While the stream stands it tells what changes, but not what stopped changing: that a host was heard no more is
 * known by the age of its last word, and when no worker lives there is nobody to say so.
 */
const lookMs = 60_000;

/** Reads again from time to time, as often as the stream's state asks for; returns how to stop. */
export function rereadBy(
  stream: StreamState,
  page: {
    /** An operation is under way in what the page shows. */
    isBusy: () => boolean;
    isVisible: () => boolean;
    read: () => void;
  },
): () => void {
  if (stream === 'signed-out') return () => undefined;
  let timer: ReturnType<typeof setTimeout>;
  function next() {
    const pauseMs = stream === 'open' ? lookMs : page.isBusy() ? pollBusyMs : pollIdleMs;
    timer = setTimeout(() => {
      // Who comes back to a hidden page has it read then.
      if (page.isVisible()) page.read();
      next();
    }, pauseMs);
  }
  next();
  return () => clearTimeout(timer);
}
