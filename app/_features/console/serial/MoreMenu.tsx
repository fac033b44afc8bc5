'use client';

import { useTranslations } from 'next-intl';
import { CopyText } from '../../../_ui/CopyText.tsx';
import styles from '../console.module.css';
import { Popover } from '../Popover.tsx';
import { ToolButton } from '../ToolButton.tsx';

/** What is seldom needed of a terminal. `sshLine`: the command that opens the same port; null: there is no SSH door. */
export function MoreMenu({
  sshLine,
  openText,
  reader,
  setReader,
  step,
  reset,
}: {
  sshLine: string | null;
  openText: () => void;
  reader: boolean;
  setReader: (on: boolean) => void;
  step: (by: number) => void;
  reset: () => void;
}) {
  const t = useTranslations('console.term');
  return (
    <Popover label={t('more')}>
      {(close) => (
        <>
          <div className={styles.keys}>
            <ToolButton
              onClick={() => {
                close();
                openText();
              }}
            >
              {t('openText')}
            </ToolButton>
            <ToolButton aria-pressed={reader} onClick={() => setReader(!reader)}>
              {t('reader')}
            </ToolButton>
            <ToolButton onClick={() => step(-1)}>{t('smaller')}</ToolButton>
            <ToolButton onClick={() => step(1)}>{t('larger')}</ToolButton>
            <ToolButton
              onClick={() => {
                close();
                reset();
              }}
            >
              {t('reset')}
            </ToolButton>
          </div>
          {sshLine === null ? null : (
            <div>
              <p>{t('ssh')}</p>
              <CopyText value={sshLine} label={t('sshLabel')} mono />
            </div>
          )}
        </>
      )}
    </Popover>
  );
}
