import { defaultShouldDehydrateQuery, QueryClient } from '@tanstack/react-query';

/** What the server has just read is fresh for a while: events, not age, make a page read again. */
const freshMs = 20_000;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: freshMs, retry: 1 },
      dehydrate: { shouldDehydrateQuery: (query) => defaultShouldDehydrateQuery(query) },
    },
  });
}
