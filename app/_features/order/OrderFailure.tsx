'use client';

import { useTranslations } from 'next-intl';
import { failureOf, useErrorWords } from '../../_lib/errors.ts';
import { paths } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { isSilence, type Outcome } from './outcome.ts';
import { useOrderRefusal } from './useOrderRefusal.ts';

/** Why there is no server, or that nobody here can know whether there is one: then the same press again is safe. */
export function OrderFailure({
  error,
  outcome,
  busy,
  onAgain,
}: {
  error: unknown;
  outcome: Outcome;
  /** While it is sent again. */
  busy: boolean;
  onAgain: () => void;
}) {
  const t = useTranslations('order.confirm');
  const errorWords = useErrorWords();
  const refusal = useOrderRefusal();
  const reason = isSilence(failureOf(error).code) ? [] : [refusal(error)];
  const toList = <ActionButton href={paths.servers}>{t('toList')}</ActionButton>;
  const told = {
    refused: {
      title: t('failed'),
      facts: [refusal(error), t('nothingHappened'), t('kept')],
      actions: <ActionButton href={paths.newServer}>{t('edit')}</ActionButton>,
    },
    unknown: {
      title: t('unknown'),
      facts: [...reason, t('unknownWhy'), t('unknownAgain'), t('unknownEdit')],
      actions: (
        <>
          <ActionButton busy={busy} onClick={onAgain}>
            {t('again')}
          </ActionButton>
          {toList}
        </>
      ),
    },
    taken: { title: t('failed'), facts: [t('taken')], actions: toList },
  }[outcome];
  return <FailureNote {...told} id={errorWords.id(error)} />;
}
