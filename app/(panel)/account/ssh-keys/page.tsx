import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import styles from '../../../_features/account/account.module.css';
import { SshKeyList } from '../../../_features/account/SshKeyList.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';
import { PageHeader } from '../../../_ui/PageHeader.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('account.sshKeys'))('title') };
}

export default async function SshKeysPage() {
  const t = await getTranslations('account.sshKeys');
  await load(trpc.sshKeys.list.queryOptions());
  return (
    <>
      <PageHeader title={t('title')} />
      <p className={styles.lead}>{t('lead')}</p>
      <Hydrate>
        <SshKeyList />
      </Hydrate>
    </>
  );
}
