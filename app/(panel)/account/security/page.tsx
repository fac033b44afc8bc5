import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { PASSWORD_MIN } from '../../../../server/auth/passwords.ts';
import { PasswordForm } from '../../../_features/account/PasswordForm.tsx';
import { Sessions } from '../../../_features/account/Sessions.tsx';
import { Hydrate, load, trpc } from '../../../_lib/trpc/server.tsx';
import { PageHeader } from '../../../_ui/PageHeader.tsx';
import { Section } from '../../../_ui/Section.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('account.security'))('title') };
}

export default async function SecurityPage() {
  const t = await getTranslations('account.security');
  await load(trpc.account.sessions.queryOptions());
  return (
    <Hydrate>
      <PageHeader title={t('title')} />
      <Sessions />
      <Section title={t('password')}>
        <PasswordForm passwordMin={PASSWORD_MIN} />
      </Section>
    </Hydrate>
  );
}
