'use client';

import { TRPCClientError } from '@trpc/client';
import { useLocale, useTranslations } from 'next-intl';
import { useMemo } from 'react';
import type { ErrorCode, ErrorParams, FieldError } from '../../server/errors.ts';
import type { SummaryError } from '../_ui/ErrorSummary.tsx';
import { labelWords } from './format/label.ts';

/** What a person may know of a failure. `network`: no answer came at all. */
export interface Failure {
  code: ErrorCode | 'network';
  params: ErrorParams;
  fields: Record<string, FieldError>;
  /** To be read out to support; only for what was unexpected. */
  id: string | undefined;
}

/** Reads what the server's error formatter wrote into a tRPC error. */
export function failureOf(error: unknown): Failure {
  const data = error instanceof TRPCClientError ? (error.data as { tsubo?: Partial<Failure> } | undefined) : undefined;
  const told = data?.tsubo;
  if (told?.code === undefined) return { code: 'network', params: {}, fields: {}, id: undefined };
  const params = told.params ?? {};
  return {
    code: told.code,
    params,
    fields: told.fields ?? {},
    id: told.id ?? (typeof params.id === 'string' ? params.id : undefined),
  };
}

export interface ErrorWords {
  /** One sentence for the whole. */
  text: (error: unknown) => string;
  id: (error: unknown) => string | undefined;
  /** Field → sentence. `labels`: field → its label as shown, which the sentence quotes. */
  fields: (error: unknown, labels: Record<string, string>) => Record<string, string>;
  /** The lines of an `ErrorSummary`. */
  summary: (error: unknown, labels: Record<string, string>) => SummaryError[];
}

/** The public words of errors (`errors.*`, `fields.*`). */
export function useErrorWords(): ErrorWords {
  const t = useTranslations('errors');
  const tField = useTranslations('fields');
  const locale = useLocale();
  return useMemo(() => {
    function text(error: unknown): string {
      const { code, params } = failureOf(error);
      if (code === 'ROLE_REQUIRED') {
        const role = String(params.role ?? '') as 'owner';
        return t(code, { role: t.has(`roles.${role}`) ? t(`roles.${role}`) : role });
      }
      return t(code, params);
    }
    function fields(error: unknown, labels: Record<string, string>): Record<string, string> {
      return Object.fromEntries(
        Object.entries(failureOf(error).fields).map(([field, { code, params }]) => [
          field,
          tField(code, { ...params, ...labelWords(labels[field] ?? field, locale) }),
        ]),
      );
    }
    return {
      text,
      id: (error) => failureOf(error).id,
      fields,
      summary(error, labels) {
        const list = Object.entries(fields(error, labels)).map(([field, sentence]) => ({ field, text: sentence }));
        return list.length > 0 ? list : [{ text: text(error) }];
      },
    };
  }, [t, tField, locale]);
}
