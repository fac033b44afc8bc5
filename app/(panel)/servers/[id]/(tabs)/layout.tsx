import type { ReactNode } from 'react';
import { ServerFrame } from '../../../../_features/servers/ServerFrame.tsx';
import { Hydrate, load, trpc } from '../../../../_lib/trpc/server.tsx';

interface Props {
  params: Promise<{ id: string }>;
  children: ReactNode;
}

/** The server's head and tabs, which stay while one goes from tab to tab. */
export default async function ServerLayout({ params, children }: Props) {
  const { id } = await params;
  await Promise.all([
    load(trpc.servers.get.queryOptions({ serverId: id })),
    load(trpc.catalog.installation.queryOptions()),
  ]);
  return (
    <Hydrate>
      <ServerFrame serverId={id}>{children}</ServerFrame>
    </Hydrate>
  );
}
