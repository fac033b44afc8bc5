'use client';

import { useTranslations } from 'next-intl';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';

/** What an error boundary shows: nothing of the error but the id under which the log has it. */
export function Crash({ digest, retry }: { digest: string | undefined; retry: () => void }) {
  const t = useTranslations('common');
  return (
    <>
      <PageHeader title={t('crash.title')} />
      <FailureNote
        title={t('crash.fact')}
        id={digest}
        actions={<ActionButton onClick={retry}>{t('reload')}</ActionButton>}
      />
    </>
  );
}
