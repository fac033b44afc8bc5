import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { ScreenRoute } from '../../../../_features/console/screen/ScreenRoute.tsx';
import { requireMe } from '../../../../_lib/server/me.ts';
import { Hydrate, load, trpc } from '../../../../_lib/trpc/server.tsx';

interface Props {
  params: Promise<{ id: string }>;
  searchParams: Promise<{ win?: string | string[] }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name } = await load(trpc.servers.get.queryOptions({ serverId: (await params).id }));
  const t = await getTranslations('console');
  return { title: t('title.vnc', { name }) };
}

export default async function Page({ params, searchParams }: Props) {
  const [{ id }, { win }, { user }] = await Promise.all([params, searchParams, requireMe()]);
  await Promise.all([
    load(trpc.servers.get.queryOptions({ serverId: id })),
    load(trpc.catalog.installation.queryOptions()),
  ]);
  return (
    <Hydrate>
      <ScreenRoute serverId={id} userId={user.id} ownWindow={win === '1'} />
    </Hydrate>
  );
}
