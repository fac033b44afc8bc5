import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { NameForm } from '../../../_features/account/NameForm.tsx';
import { Preferences } from '../../../_features/account/Preferences.tsx';
import { requireMe } from '../../../_lib/server/me.ts';
import { DataList } from '../../../_ui/DataList.tsx';
import { PageHeader } from '../../../_ui/PageHeader.tsx';
import { Section } from '../../../_ui/Section.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('account.profile'))('title') };
}

export default async function ProfilePage() {
  const t = await getTranslations();
  const { user, account } = await requireMe();
  return (
    <>
      <PageHeader title={t('account.profile.title')} />
      <Section title={t('account.profile.who')}>
        <DataList
          items={[
            { label: t('account.profile.email'), value: user.email },
            ...(account === null
              ? []
              : [
                  { label: t('account.profile.account'), value: account.name },
                  { label: t('account.profile.role'), value: t(`errors.roles.${account.role}`) },
                ]),
          ]}
        />
      </Section>
      <Section title={t('account.profile.shownName')}>
        <NameForm name={user.name} />
      </Section>
      <Section title={t('account.profile.display')}>
        <Preferences theme={user.theme} />
      </Section>
    </>
  );
}
