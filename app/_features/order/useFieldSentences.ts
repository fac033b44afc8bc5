'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useMemo } from 'react';
import type { FieldError } from '../../../server/errors.ts';
import { labelWords } from '../../_lib/format/label.ts';
import type { SummaryError } from '../../_ui/ErrorSummary.tsx';

const shown = ['zoneId', 'planId', 'imageId', 'name', 'signIn', 'hostname', 'virtio', 'deleteProtection'] as const;
type Shown = (typeof shown)[number];

/** `signIn.sshKeyIds` is a matter of the field `signIn`; a path without a field on this page gives null. */
function fieldOf(path: string): Shown | null {
  const head = path.split('.')[0];
  return shown.find((field) => field === head) ?? null;
}

/** The server's words about the fields of an order, in the order of the page. */
export function useFieldSentences() {
  const t = useTranslations('order');
  const fields = useTranslations('fields');
  const locale = useLocale();
  return useMemo(() => {
    const labels: Record<Shown, string> = {
      zoneId: t('zone.label'),
      planId: t('plan.label'),
      imageId: t('image.label'),
      name: t('name.label'),
      signIn: t('signIn.label'),
      hostname: t('details.hostname'),
      virtio: t('details.virtio'),
      deleteProtection: t('details.protection'),
    };
    const sentence = (field: Shown, { code, params }: FieldError) =>
      fields(code, { ...params, ...labelWords(labels[field], locale) });
    function one(name: string, wrong: Record<string, FieldError>): string | undefined {
      const entry = Object.entries(wrong).find(([path]) => fieldOf(path) === name);
      const field = fieldOf(name);
      return entry === undefined || field === null ? undefined : sentence(field, entry[1]);
    }
    return {
      /** The sentence at one field. */
      one,
      /** The lines of the summary. */
      lines: (wrong: Record<string, FieldError>): SummaryError[] =>
        shown.flatMap((field) => {
          const text = one(field, wrong);
          return text === undefined ? [] : [{ field, text }];
        }),
    };
  }, [t, fields, locale]);
}
