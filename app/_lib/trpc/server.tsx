/** How pages read on the server: through the same procedures as the browser, in process, into the browser's cache. */
import { dehydrate, type FetchQueryOptions, HydrationBoundary, type QueryKey } from '@tanstack/react-query';
import { TRPCError } from '@trpc/server';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache, type ReactNode } from 'react';
import { appRouter } from '../../../server/trpc/root.ts';
import { loginFrom, pageHeader, paths } from '../paths.ts';
import { pageContext } from '../server/context.ts';
import { makeQueryClient } from './query-client.ts';

/** One cache per request. */
const getQueryClient = cache(makeQueryClient);

export const trpc = createTRPCOptionsProxy({ ctx: pageContext, router: appRouter, queryClient: getQueryClient });

/**
 * Reads what a page cannot do without. What is absent, or somebody else's, ends in the 404 page; without a
 * session, in the sign-in page that leads back; for staff without an account, in theirs; any other failure, in the error boundary.
 */
export async function load<TData, TError, TQueryData, TKey extends QueryKey>(
  options: FetchQueryOptions<TQueryData, TError, TData, TKey>,
): Promise<TData> {
  try {
    return await getQueryClient().fetchQuery({ ...options, retry: false });
  } catch (error) {
    if (error instanceof TRPCError && error.code === 'NOT_FOUND') notFound();
    if (error instanceof TRPCError && error.code === 'UNAUTHORIZED') redirect(await loginFromHere());
    if (error instanceof TRPCError && error.code === 'FORBIDDEN' && (await hasNoAccount())) redirect(paths.staffHosts);
    throw error;
  }
}

/** A prefetch passes by the proxy; then the page is not known. */
async function loginFromHere(): Promise<string> {
  return loginFrom((await headers()).get(pageHeader) ?? paths.home);
}

/** Staff may have no account of their own; what an account has is then no page for them. */
async function hasNoAccount(): Promise<boolean> {
  return (await getQueryClient().fetchQuery(trpc.account.me.queryOptions())).account === null;
}

/** Hands what was read on to the components inside, so that they start with it. */
export function Hydrate({ children }: { children: ReactNode }) {
  return <HydrationBoundary state={dehydrate(getQueryClient())}>{children}</HydrationBoundary>;
}
