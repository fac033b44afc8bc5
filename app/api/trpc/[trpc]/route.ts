import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '../../../../server/trpc/root.ts';
import { timeHeader } from '../../../_lib/clock/server-clock.ts';
import { app } from '../../../_lib/server/app.ts';
import { httpContext } from '../../../_lib/server/context.ts';
import { until } from '../../../_lib/server/until.ts';
import { MAX_BATCH } from '../../../_lib/trpc/batch.ts';

/** All procedures, and the event stream (SSE) among them. */
async function handler(request: Request): Promise<Response> {
  const response = await fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    maxBatchSize: MAX_BATCH,
    createContext: () => httpContext(request.headers),
    // Answers are one person's, and of this moment, by which pages set their clocks.
    responseMeta: () => ({
      headers: new Headers({ 'cache-control': 'no-store', [timeHeader]: String(app().deps.clock.now().getTime()) }),
    }),
  });
  if (response.body === null || response.headers.get('content-type') !== 'text/event-stream') return response;
  return new Response(until(app().stopping, response.body), response);
}

export { handler as GET, handler as POST };
