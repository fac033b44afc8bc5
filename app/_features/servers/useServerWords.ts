'use client';

import { useLocale, useTranslations } from 'next-intl';
import type { Can, ServerAction, ServerView } from '../../../server/servers/schema.ts';
import { memory, yen as yenText } from '../../_lib/format/numbers.ts';
import { operationKind } from './kinds.ts';

export interface TwoNames {
  nameJa: string;
  nameEn: string;
}

/** Words about a server that several pages need. */
export function useServerWords() {
  const t = useTranslations('servers');
  const kinds = useTranslations('operations.kind');
  const common = useTranslations('common');
  const locale = useLocale();
  return {
    /** The operator's stock has a name in each language. */
    named: (thing: TwoNames): string => (locale === 'ja' ? thing.nameJa : thing.nameEn),
    /** `1,100円（税込）`, for use inside a sentence. */
    price: (yen: number): string => common('withTax', { sum: yenText(yen, locale) }),
    spec: ({ vcpu, memoryMiB, diskGiB }: Pick<ServerView['plan'], 'vcpu' | 'memoryMiB' | 'diskGiB'>): string =>
      t('spec.line', { vcpu, memory: memory(memoryMiB), disk: diskGiB }),
    /** Why an action is not possible, or undefined when it is. */
    reason: (action: ServerAction, can: Can | undefined): string | undefined => {
      if (can === undefined || can.ok) return undefined;
      const kind = operationKind(can.params?.kind);
      // ICU's names hold no hyphen.
      const name = action === 'force-off' ? 'forceOff' : action;
      return t(`reason.${can.reason}`, { action: name, kind: kind === null ? '' : kinds(kind) });
    },
  };
}
