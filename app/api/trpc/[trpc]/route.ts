import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '../../../../server/trpc/root.ts';
import { app } from '../../../_lib/server/app.ts';
import { httpContext } from '../../../_lib/server/context.ts';

/** All procedures, and the event stream (SSE) among them. */
function handler(request: Request): Promise<Response> {
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: new Request(request, { signal: AbortSignal.any([request.signal, app().stopping]) }),
    router: appRouter,
    createContext: () => httpContext(request.headers),
    // Answers are one person's, and of this moment.
    responseMeta: () => ({ headers: new Headers({ 'cache-control': 'no-store' }) }),
  });
}

export { handler as GET, handler as POST };
