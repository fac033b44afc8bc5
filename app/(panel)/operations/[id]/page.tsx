import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { OperationPage } from '../../../_features/operations/OperationPage.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  const t = await getTranslations('operations');
  const { kind, serverName } = await load(trpc.operations.get.queryOptions({ operationId: id }));
  const title = t('pageTitle', { kind: t(`kind.${kind}`) });
  return { title: serverName === null ? title : `${serverName} · ${title}` };
}

export default async function Page({ params }: Props) {
  const { id } = await params;
  await load(trpc.operations.get.queryOptions({ operationId: id }));
  return (
    <Hydrate>
      <OperationPage operationId={id} />
    </Hydrate>
  );
}
