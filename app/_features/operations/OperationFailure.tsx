'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { EffectiveState, OperationView } from '../../../server/servers/schema.ts';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { causeOf } from './failureFacts.ts';

/**
 * Five parts in a fixed order: what did not happen (and why) · what is true now · what was touched · what can be
 * done · id. Undone by staff is told in the same form.
 */
export function OperationFailure({
  operation,
  serverState,
  actions,
}: {
  operation: OperationView;
  /** What is true now, where the page knows it. */
  serverState?: EffectiveState | undefined;
  actions?: ReactNode;
}) {
  const t = useTranslations('operations.failure');
  const { kind, state } = operation;
  const facts: string[] = [];
  if (state === 'stuck') facts.push(t('stuckHelp'));
  else if (state === 'undone') facts.push(t('undone'));
  else facts.push(t(`cause.${causeOf(operation.failure?.code)}`));
  if (serverState !== undefined) facts.push(t(`now.${serverState}`));
  facts.push(t(`touched.${kind}`));
  return (
    <FailureNote
      title={state === 'stuck' ? t(`stuck.${kind}`) : t(`title.${kind}`)}
      facts={facts}
      actions={actions}
      id={operation.id}
    />
  );
}
