'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useId } from 'react';
import type { HostView } from '../../../server/hosts/schema.ts';
import { useErrorWords } from '../../_lib/errors.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { FailureNote } from '../../_ui/FailureNote.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import { useServerWords } from '../servers/useServerWords.ts';
import { Accelerator } from './Accelerator.tsx';
import { Capacity } from './Capacity.tsx';
import { CertificateLife, CertificateTrouble } from './Certificate.tsx';
import { Lacks } from './Lacks.tsx';
import styles from './staff.module.css';

export function HostCard({ host }: { host: HostView }) {
  const t = useTranslations('staff.hosts');
  const words = useServerWords();
  const heading = useId();
  const unknown = t('unknownValue');
  return (
    <section id={host.id} className={styles.host} aria-labelledby={heading}>
      <div className={styles.hostHead}>
        <h2 id={heading}>{host.name}</h2>
        {host.certificate.state === 'revoked' ? (
          <StateBadge tone="bad">{t('certificate.revoked')}</StateBadge>
        ) : host.silent ? (
          <StateBadge tone="attention">{t('silent')}</StateBadge>
        ) : (
          <StateBadge tone="ok">{t('answering')}</StateBadge>
        )}
        <StateBadge tone={host.acceptsNew ? 'ok' : 'neutral'}>
          {host.acceptsNew ? t('acceptsNew') : t('drained')}
        </StateBadge>
        <AcceptSwitch host={host} />
      </div>
      <CertificateTrouble host={host} />
      <DataList
        items={[
          {
            label: t('lastContact'),
            value: host.lastContactAt === null ? t('never') : <TimeText iso={host.lastContactAt} mode="relative" />,
          },
          ...(host.lastError === null
            ? []
            : [{ label: t('lastError'), value: <span className="mono">{host.lastError}</span> }]),
          { label: t('certificate.label'), value: <CertificateLife certificate={host.certificate} /> },
          { label: t('servers'), value: t('serversValue', { count: host.servers }) },
          { label: t('zone'), value: words.named(host.zone) },
          { label: t('id'), value: <CopyText value={host.id} label={t('id')} mono /> },
        ]}
      />
      <Capacity host={host} />
      <h3>{t('accelerator')}</h3>
      <Accelerator accelerator={host.accelerator} />
      <h3>{t('lacks')}</h3>
      {host.versions.agent === null ? (
        <p className={styles.quiet}>{t('acceleratorNone')}</p>
      ) : (
        <Lacks lacks={host.lacks} />
      )}
      <h3>{t('versions')}</h3>
      <DataList
        items={[
          { label: t('agent'), value: host.versions.agent ?? unknown },
          { label: t('contract'), value: host.versions.contract ?? unknown },
          { label: t('libvirt'), value: host.versions.libvirt ?? unknown },
          { label: t('qemu'), value: host.versions.qemu ?? unknown },
          { label: t('kernel'), value: host.versions.kernel ?? unknown },
          {
            label: t('bootId'),
            value: host.bootId === null ? unknown : <CopyText value={host.bootId} label={t('bootId')} mono />,
          },
        ]}
      />
    </section>
  );
}

/** Can be taken back at any time, so it acts at once; what it means stands beside it. */
function AcceptSwitch({ host }: { host: HostView }) {
  const t = useTranslations('staff.hosts');
  const words = useErrorWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const set = useMutation(
    trpc.staff.hosts.setAcceptsNew.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.staff.pathKey() }),
    }),
  );
  return (
    <div className={styles.accept}>
      <ActionButton busy={set.isPending} onClick={() => set.mutate({ hostId: host.id, acceptsNew: !host.acceptsNew })}>
        {host.acceptsNew ? t('stopAccepting') : t('startAccepting')}
      </ActionButton>
      <p className={styles.quiet}>{host.acceptsNew ? t('stopAcceptingHelp') : t('startAcceptingHelp')}</p>
      <span className="visually-hidden" role="status">
        {set.isSuccess
          ? host.acceptsNew
            ? t('acceptingNow', { name: host.name })
            : t('drainedNow', { name: host.name })
          : ''}
      </span>
      {set.error === null ? null : (
        <FailureNote title={t('failed')} facts={[words.text(set.error), t('failedFact')]} id={words.id(set.error)} />
      )}
    </div>
  );
}
