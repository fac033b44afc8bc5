import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import styles from '../../../_features/account/account.module.css';
import { SshDoor } from '../../../_features/account/SshDoor.tsx';
import { SshKeyList } from '../../../_features/account/SshKeyList.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';
import { PageHeader } from '../../../_ui/PageHeader.tsx';
import { Section } from '../../../_ui/Section.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('account.sshKeys'))('title') };
}

export default async function SshKeysPage() {
  const t = await getTranslations('account.sshKeys');
  const [, , { sshDoor }] = await Promise.all([
    load(trpc.sshKeys.list.queryOptions()),
    load(trpc.userKeys.list.queryOptions()),
    load(trpc.catalog.installation.queryOptions()),
  ]);
  return (
    <>
      <PageHeader title={t('title')} />
      <Hydrate>
        <Section title={t('kinds.server.title')}>
          <p className={styles.lead}>{t('kinds.server.lead')}</p>
          <SshKeyList kind="server" />
        </Section>
        <Section title={t('kinds.own.title')}>
          <p className={styles.lead}>{t('kinds.own.lead')}</p>
          <SshKeyList kind="own" />
          {sshDoor ? <SshDoor door={sshDoor} /> : null}
        </Section>
      </Hydrate>
    </>
  );
}
