'use client';

import { useRouter } from 'next/navigation';
import { useLocale, useTranslations } from 'next-intl';
import { localeCookie, writeChoice } from '../../_lib/i18n/cookies.ts';
import styles from './auth.module.css';

/** The language before anybody is known. */
export function LanguageLinks() {
  const t = useTranslations('common.menu');
  const locale = useLocale();
  const router = useRouter();
  return (
    <fieldset className={styles.languages}>
      <legend className="visually-hidden">{t('language')}</legend>
      {(['ja', 'en'] as const).map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          className={styles.language}
          aria-pressed={language === locale}
          onClick={() => {
            writeChoice(localeCookie, language);
            router.refresh();
          }}
        >
          {t(language)}
        </button>
      ))}
    </fieldset>
  );
}
