'use client';

import { useTranslations } from 'next-intl';
import { ActionButton } from '../../../_ui/ActionButton.tsx';
import styles from '../console.module.css';
import type { ConsoleState } from '../machine.ts';
import type { Serial } from './useSerial.ts';

/** What is to be known about the port before one types: who types, whether it is open, who is signed in. */
export function PortNote({ serial, state }: { serial: Serial; state: ConsoleState }) {
  const t = useTranslations('console.term');
  const { port } = serial;
  if (port === null || state.phase !== 'connected') return null;
  const other = port.writer !== null && port.writer.id !== port.you ? port.writer.label : null;
  const mayType = !state.viewOnly && port.open;
  return (
    <div role="status">
      {other === null || !port.open ? null : (
        <div
          className={styles.note}
          data-strong={serial.dropped === 'other-writer' || serial.takenBy !== null || undefined}
        >
          <span>
            {serial.takenBy === null ? t('writer', { name: other }) : t('takenOver', { name: serial.takenBy })}
          </span>
          {mayType ? (
            <ActionButton onClick={() => serial.claim('force')}>
              {serial.takenBy === null ? t('takeOver') : t('takeBack')}
            </ActionButton>
          ) : null}
        </div>
      )}
      {port.open || state.server === 'off' ? null : <p className={styles.note}>{t('closed')}</p>}
      {port.log === 'silent' ? <p className={styles.note}>{t('silentLog')}</p> : null}
      {port.open && serial.signedIn === 'yes' ? <p className={styles.note}>{t('signedIn')}</p> : null}
    </div>
  );
}
