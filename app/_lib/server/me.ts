import { redirect } from 'next/navigation';
import { cache } from 'react';
import type { Me } from '../../../server/accounts/schema.ts';
import { paths } from '../paths.ts';
import { load, trpc } from '../trpc/server.tsx';

/** Who is signed in; asked once per request. Nobody: on to the sign-in page. */
export const requireMe = cache(async (): Promise<Me> => load(trpc.account.me.queryOptions()));

/** For staff's pages. Everybody else is sent home: that there is such a page is not their business. */
export async function requireStaff(): Promise<Me> {
  const me = await requireMe();
  if (me.staffRole === null) redirect(paths.home);
  return me;
}
