/**
 * How many entries, the newest first, came after the one that was the newest when the page was drawn. Where that one
 * is no longer among them, all are new to the reader: none is held back, for nothing would be left to show.
 */
export function countFresh(entries: readonly { id: string }[], newestSeen: string | undefined): number {
  return Math.max(
    0,
    entries.findIndex(({ id }) => id === newestSeen),
  );
}
