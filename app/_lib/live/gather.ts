import type { QueryFilters } from '@tanstack/react-query';
import { pageNow } from '../clock/server-clock.ts';
import { filterOf, isStaffs } from './invalidate.ts';

/** Events of one transaction come together: one reading answers them all. */
const gatherMs = 60;
/** Staff hear of every customer's servers, and their lists are long: read no more often than this. */
const staffPauseMs = 1000;

/** Collects the subjects of events, and says what to read again; each query once for all of them. */
export function gatherSubjects(read: (filters: QueryFilters) => void): {
  add: (subject: string) => void;
  close: () => void;
} {
  const lanes = [lane(read, false, 0), lane(read, true, staffPauseMs)];
  return {
    add(subject) {
      for (const { add } of lanes) add(subject);
    },
    close() {
      for (const { close } of lanes) close();
    },
  };
}

function lane(read: (filters: QueryFilters) => void, staffs: boolean, pauseMs: number) {
  const subjects = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  function flush() {
    timer = undefined;
    lastMs = pageNow();
    const matches = [...subjects].map((subject) => filterOf(subject).predicate);
    subjects.clear();
    read({
      predicate: (query) =>
        isStaffs(query.queryKey) === staffs && matches.some((match) => match === undefined || match(query)),
    });
  }
  return {
    add(subject: string) {
      subjects.add(subject);
      timer ??= setTimeout(flush, Math.max(gatherMs, lastMs + pauseMs - pageNow()));
    },
    close: () => clearTimeout(timer),
  };
}
