import type { Metadata } from 'next';
import { ServerPage } from '../../../_features/servers/ServerPage.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  return { title: (await load(trpc.servers.get.queryOptions({ serverId: id }))).name };
}

export default async function Page({ params }: Props) {
  const { id } = await params;
  await Promise.all([
    load(trpc.servers.get.queryOptions({ serverId: id })),
    load(trpc.catalog.installation.queryOptions()),
    load(trpc.operations.listForServer.queryOptions({ serverId: id })),
  ]);
  return (
    <Hydrate>
      <ServerPage serverId={id} />
    </Hydrate>
  );
}
