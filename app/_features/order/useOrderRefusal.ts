'use client';

import { useTranslations } from 'next-intl';
import { failureOf, useErrorWords } from '../../_lib/errors.ts';

/** The server's no to an order, in one sentence. */
export function useOrderRefusal(): (error: unknown) => string {
  const t = useTranslations('order');
  const errors = useErrorWords();
  return (error) => {
    const { code, params } = failureOf(error);
    if (code === 'NOT_POSSIBLE' && params.reason === 'price-changed') return t('errors.priceChanged');
    return errors.text(error);
  };
}
