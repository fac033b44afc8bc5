'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Theme } from '../../_lib/i18n/cookies.ts';
import { FieldGroup } from '../../_ui/Field.tsx';
import { Choice } from '../../_ui/inputs.tsx';
import { usePreferences } from './usePreferences.ts';

/** Acts at once: both choices are seen and taken back in the same place. */
export function Preferences({ theme: saved }: { theme: Theme }) {
  const t = useTranslations();
  const locale = useLocale();
  const { setLocale, setTheme } = usePreferences();
  // What was chosen here, until the saved setting moves: by this choice, or by the menu in the top bar.
  const [choice, setChoice] = useState({ saved, theme: saved });
  if (choice.saved !== saved) setChoice({ saved, theme: saved });
  const { theme } = choice;
  return (
    <>
      <FieldGroup name="locale" label={t('account.profile.language')} help={t('account.profile.languageHelp')}>
        {(['ja', 'en'] as const).map((language) => (
          <Choice
            key={language}
            name="locale"
            value={language}
            checked={locale === language}
            onChange={() => setLocale(language)}
            label={<span lang={language}>{t(`common.menu.${language}`)}</span>}
          />
        ))}
      </FieldGroup>
      <FieldGroup name="theme" label={t('account.profile.theme')}>
        {(['system', 'light', 'dark'] as const).map((value) => (
          <Choice
            key={value}
            name="theme"
            value={value}
            checked={theme === value}
            onChange={() => {
              setChoice({ saved, theme: value });
              setTheme(value);
            }}
            label={t(`common.menu.${value}`)}
          />
        ))}
      </FieldGroup>
    </>
  );
}
