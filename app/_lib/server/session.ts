import { headers } from 'next/headers';
import { cache } from 'react';
import type { SessionFacts } from '../../../server/trpc/context.ts';
import { app } from './app.ts';

/** The session of the page that is being drawn; read once per request. */
export const currentSession = cache(async (): Promise<SessionFacts | null> => {
  // First, so that a build, which has no request and no database, stops here.
  const sent = await headers();
  return app().auth.sessionOf(sent);
});
