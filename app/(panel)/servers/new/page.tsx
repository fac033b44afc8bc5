import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { OrderPage } from '../../../_features/order/OrderForm.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('order'))('title') };
}

export default async function Page() {
  await Promise.all([load(trpc.catalog.orderOptions.queryOptions()), load(trpc.sshKeys.list.queryOptions())]);
  return (
    <Hydrate>
      <OrderPage />
    </Hydrate>
  );
}
