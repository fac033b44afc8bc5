import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { ServerHistory } from '../../../../../_features/servers/ServerHistory.tsx';
import { Hydrate, load, trpc } from '../../../../../_lib/trpc/server.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  const { name } = await load(trpc.servers.get.queryOptions({ serverId: id }));
  return { title: `${name} · ${(await getTranslations('servers.history'))('title')}` };
}

/** Which page of it is read in the browser: a cursor that is none then fails that part alone. */
export default async function Page({ params }: Props) {
  const { id } = await params;
  await load(trpc.servers.history.queryOptions({ serverId: id }));
  return (
    <Hydrate>
      <ServerHistory />
    </Hydrate>
  );
}
