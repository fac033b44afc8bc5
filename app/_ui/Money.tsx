import { useLocale, useTranslations } from 'next-intl';
import { yen as yenText } from '../_lib/format/numbers.ts';
import type { Locale } from '../_lib/format/time.ts';

/** A sum with tax: `1,100円（税込）`. `bare` leaves the tax's words out, where they stand beside it. */
export function Money({ yen, bare = false }: { yen: number; bare?: boolean }) {
  const t = useTranslations('common');
  const locale = useLocale() as Locale;
  const sum = yenText(yen, locale);
  return <span className="num">{bare ? sum : t('withTax', { sum })}</span>;
}
