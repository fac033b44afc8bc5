import type { Metadata } from 'next';
import { ServerOverview } from '../../../../_features/servers/ServerOverview.tsx';
import { recentHistory } from '../../../../_lib/history.ts';
import { Hydrate, load, trpc } from '../../../../_lib/trpc/server.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  return { title: (await load(trpc.servers.get.queryOptions({ serverId: id }))).name };
}

export default async function Page({ params }: Props) {
  const { id } = await params;
  await load(trpc.servers.history.queryOptions({ serverId: id, limit: recentHistory }));
  return (
    <Hydrate>
      <ServerOverview />
    </Hydrate>
  );
}
