'use client';

import { useTranslations } from 'next-intl';
import type { OperationKindName, OperationView } from '../../../server/servers/schema.ts';

/** The words of an operation's parts. A step that this panel does not know yet is shown by its name. */
export function useOperationWords() {
  const t = useTranslations('operations');
  return {
    kind: (kind: OperationKindName): string => t(`kind.${kind}`),
    step: (name: string): string => {
      const key = `step.${name}` as 'step.unknown';
      return t.has(key) ? t(key, { name }) : t('step.unknown', { name });
    },
    who: ({ kind, name }: OperationView['startedBy']): string => {
      if (kind !== 'user') return t(`who.${kind}`);
      return name === null ? t('who.userUnknown') : t('who.user', { name });
    },
  };
}
