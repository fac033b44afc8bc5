'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useId } from 'react';
import type { StaffAttentionView } from '../../../server/hosts/schema.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Section } from '../../_ui/Section.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import { useOperationWords } from '../operations/useOperationWords.ts';
import styles from './staff.module.css';

/** Servers of which their customers are told that staff look at them, without an operation that is stuck. */
export function AttentionList() {
  const t = useTranslations('staff.attention');
  const trpc = useTRPC();
  const query = useQuery(trpc.staff.servers.attention.queryOptions());
  return (
    <Section title={t('title')}>
      <QueryView
        query={query}
        skeleton={<Skeleton height={160} />}
        errorTitle={t('errorTitle')}
        errorFact={t('errorBody')}
      >
        {(servers) =>
          servers.length === 0 ? (
            <p className={styles.quiet}>{t('none')}</p>
          ) : (
            <>
              <p className={styles.quiet}>{t('count', { count: servers.length })}</p>
              <div className={styles.queue}>
                {servers.map((server) => (
                  <Waiting key={server.id} server={server} />
                ))}
              </div>
            </>
          )
        }
      </QueryView>
    </Section>
  );
}

function Waiting({ server }: { server: StaffAttentionView }) {
  const t = useTranslations('staff.attention');
  const serverStates = useTranslations('servers.state');
  const operationStates = useTranslations('operations.state');
  const words = useOperationWords();
  const heading = useId();
  const { observed, lastOperation } = server;
  return (
    <section className={styles.host} aria-labelledby={heading}>
      <div className={styles.hostHead}>
        <h3 id={heading}>{server.name}</h3>
        <StateBadge tone="attention" stale={server.hostSilent}>
          {serverStates('needs-attention')}
        </StateBadge>
      </div>
      <p>{t(`why.${server.why}`)}</p>
      <DataList
        items={[
          {
            label: t('since'),
            value: observed.since === null ? t('sinceUnknown') : <TimeText iso={observed.since} mode="relative" />,
          },
          { label: t('account'), value: server.accountName },
          { label: t('server'), value: <CopyText value={server.id} label={t('server')} mono /> },
          {
            label: t('host'),
            value: server.hostSilent ? t('hostSilent', { host: server.hostName }) : server.hostName,
          },
          {
            label: t('observed'),
            value: <span className={styles.said}>{`${observed.state} (${observed.reason})`}</span>,
          },
          ...(lastOperation === null
            ? []
            : [
                {
                  label: t('lastOperation'),
                  value: (
                    <>
                      {t('lastOperationValue', {
                        kind: words.kind(lastOperation.kind),
                        state: operationStates(lastOperation.state),
                      })}{' '}
                      <CopyText value={lastOperation.id} label={t('lastOperation')} mono />
                      {lastOperation.errorDetail === null ? null : (
                        <p className={styles.said}>{lastOperation.errorDetail}</p>
                      )}
                    </>
                  ),
                },
              ]),
          {
            label: t('explain'),
            value: <CopyText value={`npm run -s explain ${server.id}`} label={t('explain')} mono />,
          },
        ]}
      />
    </section>
  );
}
