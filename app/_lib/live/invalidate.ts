import type { QueryFilters } from '@tanstack/react-query';

/** Event subject `server:<id>` → the routers whose answers may have changed. */
const routersOf: Record<string, string[]> = {
  server: ['servers', 'operations', 'staff'],
  operation: ['servers', 'operations', 'staff'],
  account: ['account', 'sshKeys', 'servers'],
  host: ['staff'],
  image: ['catalog', 'staff'],
};

/**
 * Which queries to read again after an event about `subject`. Query keys of tRPC are [[router, procedure], …].
 * A subject of a kind that this page does not know reads all again: an old page under a new server stays right.
 */
export function filterOf(subject: string): QueryFilters {
  const routers = routersOf[subject.slice(0, subject.indexOf(':'))];
  if (routers === undefined) return {};
  return {
    predicate: ({ queryKey }) => {
      const path = queryKey[0];
      return Array.isArray(path) && routers.includes(String(path[0]));
    },
  };
}

/** Answers that only staff's pages have, about all customers at once. */
export const isStaffs = (queryKey: readonly unknown[]): boolean =>
  Array.isArray(queryKey[0]) && queryKey[0][0] === 'staff';
