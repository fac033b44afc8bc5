import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { HostList } from '../../../_features/staff/HostList.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('staff');
  return { title: `${t('hosts.title')} · ${t('bar')}` };
}

export default async function Page() {
  await Promise.all([load(trpc.staff.hosts.list.queryOptions()), load(trpc.staff.images.list.queryOptions())]);
  return (
    <Hydrate>
      <HostList />
    </Hydrate>
  );
}
