import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { StaffOperations } from '../../../_features/staff/OperationsPage.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';

interface Props {
  searchParams: Promise<{ state?: string | string[] }>;
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const t = await getTranslations('staff');
  const stuck = (await searchParams).state === 'stuck';
  return { title: `${stuck ? t('operations.stuck') : t('operations.title')} · ${t('bar')}` };
}

export default async function Page({ searchParams }: Props) {
  const stuck = (await searchParams).state === 'stuck';
  await Promise.all([
    load(trpc.staff.operations.list.queryOptions(stuck ? { state: 'stuck' } : {})),
    stuck ? load(trpc.staff.servers.attention.queryOptions()) : null,
  ]);
  return (
    <Hydrate>
      <StaffOperations stuck={stuck} />
    </Hydrate>
  );
}
