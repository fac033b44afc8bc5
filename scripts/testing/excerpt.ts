/** The lines of a log that tell why: around each failure that a runner has marked, else the last ones. */

const MARK = /^\s*(FAIL |FAILED |✘|\d+\) )/;
const AFTER = 25;
const SHOWN = 160;

export function excerpt(log: string): string {
  const lines = log.trimEnd().split('\n');
  const marked = lines.flatMap((line, at) => (MARK.test(line) ? [at] : []));
  if (marked.length === 0) return lines.slice(-SHOWN).join('\n');
  const shown = new Set(marked.flatMap((at) => Array.from({ length: AFTER }, (_, n) => at + n)));
  return lines
    .filter((_, at) => shown.has(at))
    .slice(0, SHOWN)
    .join('\n');
}
