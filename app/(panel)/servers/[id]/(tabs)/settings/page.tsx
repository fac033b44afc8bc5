import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { ServerSettings } from '../../../../../_features/servers/ServerSettings.tsx';
import { load, trpc } from '../../../../../_lib/trpc/server.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  const { name } = await load(trpc.servers.get.queryOptions({ serverId: id }));
  return { title: `${name} · ${(await getTranslations('servers.settings'))('title')}` };
}

export default function Page() {
  return <ServerSettings />;
}
