'use client';

import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import type { AppRouter } from '../../../server/trpc/root.ts';
import { timedFetch } from '../clock/server-clock.ts';
import { MAX_BATCH } from './batch.ts';
import { makeQueryClient } from './query-client.ts';

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

export { useTRPC, useTRPCClient };

const url = '/api/trpc';

function makeClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url }),
        // A longer request line would not pass nginx's buffers.
        false: httpBatchLink({ url, maxURLLength: 6000, maxItems: MAX_BATCH, fetch: timedFetch }),
      }),
    ],
  });
}

let browserQueryClient: QueryClient | undefined;
function getQueryClient(): QueryClient {
  // On the server one per request; in the browser one for the page's life, also if React throws a first try away.
  if (typeof window === 'undefined') return makeQueryClient();
  browserQueryClient ??= makeQueryClient();
  return browserQueryClient;
}

export function TrpcProvider({ children }: { children: ReactNode }) {
  const queryClient = getQueryClient();
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
