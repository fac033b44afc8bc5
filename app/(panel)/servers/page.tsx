import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { ServerList } from '../../_features/servers/ServerList.tsx';
import { Hydrate, load, trpc } from '../../_lib/trpc/server.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('servers'))('title') };
}

export default async function ServersPage() {
  const servers = await load(trpc.servers.list.queryOptions());
  // The empty page names the lowest price.
  if (servers.length === 0) await load(trpc.catalog.orderOptions.queryOptions());
  return (
    <Hydrate>
      <ServerList />
    </Hydrate>
  );
}
