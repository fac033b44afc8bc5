'use client';

import { useTranslations } from 'next-intl';
import type { HostView } from '../../../server/hosts/schema.ts';
import { CopyText } from '../../_ui/CopyText.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import { joinCommand, tokenCommand, usePanelOrigin } from './join.ts';
import styles from './staff.module.css';

/** Until when the host's certificate is good, and a warning where it did not renew itself in time. */
export function CertificateLife({ certificate }: { certificate: HostView['certificate'] }) {
  const t = useTranslations('staff.hosts');
  const { state, expiresAt, revokedAt } = certificate;
  if (revokedAt !== null) return t.rich('certificate.revokedAt', { time: () => <TimeText iso={revokedAt} /> });
  if (expiresAt === null) return t('certificate.none');
  return (
    <>
      <TimeText iso={expiresAt} />{' '}
      {state === 'expiring' ? <StateBadge tone="attention">{t('certificate.expiring')}</StateBadge> : null}
      {state === 'expired' ? <StateBadge tone="bad">{t('certificate.expired')}</StateBadge> : null}
    </>
  );
}

/** What to do where the certificate does not come right by itself. */
export function CertificateTrouble({ host }: { host: HostView }) {
  const t = useTranslations('staff.hosts');
  const panel = usePanelOrigin();
  const { state, reason } = host.certificate;
  if (state === 'expiring') return <p>{t('certificate.expiringHelp')}</p>;
  if (state !== 'expired' && state !== 'revoked') return null;
  return (
    <FailureNote
      title={t(state === 'revoked' ? 'certificate.revokedTitle' : 'certificate.expiredTitle')}
      facts={[
        ...(reason === null ? [] : [t('certificate.reason', { reason })]),
        ...(host.servers === 0 ? [] : [t('certificate.serversUnknown', { count: host.servers })]),
        t('certificate.rejoin'),
      ]}
      actions={
        <div className={styles.join}>
          <CopyText value={tokenCommand(host.name, true)} label={t('certificate.copyToken')} mono />
          <CopyText value={joinCommand(panel, host.name, true)} label={t('certificate.copyJoin')} mono />
        </div>
      }
    />
  );
}
