import { useTranslations } from 'next-intl';
import type { Installation } from '../../../server/catalog/schema.ts';
import { sshCommand } from '../../_lib/ssh-command.ts';
import { CopyText } from '../../_ui/CopyText.tsx';
import styles from './account.module.css';

/** How one's own keys are used: the commands, and how to know that it is really this panel that answers. */
export function SshDoor({ door }: { door: NonNullable<Installation['sshDoor']> }) {
  const t = useTranslations('account.sshKeys');
  return (
    <>
      <h3 className={styles.addTitle}>{t('door.title')}</h3>
      <dl className={styles.door}>
        <dt>{t('door.menu')}</dt>
        <dd>
          <CopyText value={sshCommand(door, 'menu')} label={t('door.menu')} mono />
        </dd>
        <dt>{t('door.server')}</dt>
        <dd className="mono">{sshCommand(door, t('door.serverId'))}</dd>
        <dt>{t('door.keys')}</dt>
        {door.hostKeys.map(({ type, fingerprint }) => (
          <dd key={fingerprint} className={styles.keyFacts}>
            <span>{type}</span>
            <CopyText value={fingerprint} label={t('fingerprint')} mono />
          </dd>
        ))}
      </dl>
      <p>{t('door.keysHelp')}</p>
      <p>{t('door.leave')}</p>
    </>
  );
}
