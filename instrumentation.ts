/** Runs once when the panel's process starts, before the first request. */
import type { Instrumentation } from 'next';

export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { app } = await import('./app/_lib/server/app.ts');
  app();
}

/** What a page threw. The person sees the digest and nothing else; the log has the chain under it. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { app } = await import('./app/_lib/server/app.ts');
  const digest = error instanceof Error && 'digest' in error ? error.digest : undefined;
  const requestId = request.headers['x-request-id'];
  app().deps.log.error(
    {
      err: error,
      errorId: digest,
      requestId,
      method: request.method,
      path: request.path.split('?')[0],
      route: context.routePath,
    },
    'a page failed',
  );
};
