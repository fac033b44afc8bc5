/** The server's time in the browser. One per page: every answer of the server makes it better. */
import { type Estimate, estimate } from './estimate.ts';

/** Carried by every answer of /api/trpc: the server's Unix time in milliseconds. */
export const timeHeader = 'x-tsubo-now';

let known: Estimate | null = null;

/** Where the page's own clock stands; for intervals, and for `serverTimeAt`. */
export const pageNow = (): number => performance.now();

/** The server's Unix time at a moment of the page's clock; null before anything is known of it. */
export function serverTimeAt(pageMs: number): number | null {
  return known === null ? null : pageMs + known.offsetMs;
}

/** The page itself was the first answer: drawn between its request and its last byte. */
export function notePage(renderedAtMs: number): void {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  known = estimate(known, {
    sentAt: navigation?.requestStart ?? 0,
    receivedAt: navigation?.responseEnd || pageNow(),
    serverMs: renderedAtMs,
  });
}

/** `fetch`, taking the time that the answer carries. */
export async function timedFetch(...request: Parameters<typeof fetch>): Promise<Response> {
  const sentAt = pageNow();
  const response = await fetch(...request);
  const serverMs = Number(response.headers.get(timeHeader) ?? Number.NaN);
  if (Number.isFinite(serverMs)) known = estimate(known, { sentAt, receivedAt: pageNow(), serverMs });
  return response;
}
