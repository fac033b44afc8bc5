'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import { bulkActions, bulkVerb } from './bulk.ts';
import styles from './list.module.css';

/** In the toolbar's place while servers are chosen. What none of them can do says so. */
export function BulkBar({ servers, onClear }: { servers: ServerView[]; onClear: () => void }) {
  const t = useTranslations('servers');
  const dialog = useDialog();
  return (
    <div className={styles.toolbar} data-bulk>
      <p className={styles.chosen} role="status">
        {t('bulk.chosen', { count: servers.length })}
      </p>
      {bulkActions.map((action) => (
        <ActionButton
          key={action}
          onClick={() => dialog.open(bulkVerb(action))}
          reason={servers.some(({ can }) => can[action]?.ok) ? undefined : t('bulk.none')}
        >
          {t(`action.${action}`)}
        </ActionButton>
      ))}
      <ActionButton onClick={onClear}>{t('bulk.clear')}</ActionButton>
    </div>
  );
}
