'use client';

import { useTranslations } from 'next-intl';
import { paths } from '../../_lib/paths.ts';
import { Tabs } from '../../_ui/Tabs.tsx';

export function AccountTabs({ keys }: { keys: boolean }) {
  const t = useTranslations('account');
  return (
    <Tabs
      label={t('tabs')}
      tabs={[
        { href: paths.profile, words: t('profile.title') },
        { href: paths.security, words: t('security.title') },
        ...(keys ? [{ href: paths.sshKeys, words: t('sshKeys.title') }] : []),
      ]}
    />
  );
}
