import { headers } from 'next/headers';
import { cache } from 'react';
import { type Context, createContextInner } from '../../../server/trpc/context.ts';
import { app } from './app.ts';
import { requestFacts } from './request.ts';
import { currentSession } from './session.ts';

/** For procedures that a page calls while it is drawn. */
export const pageContext = cache(async (): Promise<Context> => {
  const request = requestFacts(await headers());
  return createContextInner(app().deps, { session: await currentSession(), request });
});

/** For procedures that a browser calls. */
export async function httpContext(headers: Headers): Promise<Context> {
  const { auth, deps } = app();
  const request = requestFacts(headers);
  return createContextInner(deps, { session: await auth.sessionOf(headers), request });
}
