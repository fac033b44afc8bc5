import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { ConfirmPage } from '../../../../_features/order/ConfirmOrder.tsx';
import { Hydrate, load, trpc } from '../../../../_lib/trpc/server.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('order.confirm'))('title') };
}

export default async function Page() {
  await load(trpc.catalog.orderOptions.queryOptions());
  return (
    <Hydrate>
      <ConfirmPage />
    </Hydrate>
  );
}
