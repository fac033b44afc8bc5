import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { type Asked, readAsked } from '../../../_features/staff/asked.ts';
import { StaffOperations } from '../../../_features/staff/OperationsPage.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';

interface Props {
  searchParams: Promise<Asked>;
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const t = await getTranslations('staff');
  const { stuck } = readAsked(await searchParams);
  return { title: `${stuck ? t('operations.stuck') : t('operations.title')} · ${t('bar')}` };
}

export default async function Page({ searchParams }: Props) {
  const asked = readAsked(await searchParams);
  await Promise.all([
    load(trpc.staff.operations.list.queryOptions(asked.of)),
    asked.stuck ? load(trpc.staff.servers.attention.queryOptions()) : null,
  ]);
  return (
    <Hydrate>
      <StaffOperations {...asked} />
    </Hydrate>
  );
}
