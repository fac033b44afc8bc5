'use client';

import { useLocale, useTranslations } from 'next-intl';
import type { Can, ReasonCode, ServerAction, ServerView } from '../../../server/servers/schema.ts';
import { failureOf, useErrorWords } from '../../_lib/errors.ts';
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
  const errors = useErrorWords();
  const locale = useLocale();

  /** Why an action is not possible, or undefined when it is. */
  function reason(action: ServerAction, can: Can | undefined): string | undefined {
    if (can === undefined || can.ok) return undefined;
    const kind = operationKind(can.params?.kind);
    // ICU's names hold no hyphen.
    const name = action === 'force-off' ? 'forceOff' : action;
    return t(`reason.${can.reason}`, { action: name, kind: kind === null ? '' : kinds(kind) });
  }

  /** The operator's stock has a name in each language. */
  const named = (thing: TwoNames): string => (locale === 'ja' ? thing.nameJa : thing.nameEn);
  const spec = ({ vcpu, memoryMiB, diskGiB }: Pick<ServerView['plan'], 'vcpu' | 'memoryMiB' | 'diskGiB'>): string =>
    t('spec.line', { vcpu, memory: memory(memoryMiB), disk: diskGiB });

  return {
    reason,
    /** The server's no to an action: the state table's own sentence where it is the reason. */
    refusal: (action: ServerAction, error: unknown): string => {
      const { code, params } = failureOf(error);
      const key = `reason.${params.reason}` as 'reason.deleted';
      if (code === 'NOT_POSSIBLE' && t.has(key)) {
        return reason(action, { ok: false, reason: params.reason as ReasonCode }) ?? errors.text(error);
      }
      return errors.text(error);
    },
    named,
    /** `1,100円（税込）`, for use inside a sentence. */
    price: (yen: number): string => common('withTax', { sum: yenText(yen, locale) }),
    spec,
    planAndSpec: (plan: ServerView['plan']): string => t('spec.plan', { plan: named(plan), spec: spec(plan) }),
  };
}
