'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { OperationView } from '../../../server/servers/schema.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { Duration } from '../../_ui/Duration.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Section } from '../../_ui/Section.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import tables from '../../_ui/table.module.css';
import { StaffActs } from '../operations/StaffActs.tsx';
import { toneOfOperation } from '../operations/tone.ts';
import { useOperationWords } from '../operations/useOperationWords.ts';
import styles from './server.module.css';

/** Who did what, when, with what result and how long it took. */
export function ServerHistory({ serverId }: { serverId: string }) {
  const t = useTranslations('servers');
  const trpc = useTRPC();
  const query = useQuery(trpc.operations.listForServer.queryOptions({ serverId }));
  return (
    <Section title={t('history.title')}>
      <QueryView query={query} skeleton={<Skeleton height={96} />} errorTitle={t('error.sectionFailed')}>
        {(operations) =>
          operations.length === 0 ? (
            <p className={styles.quiet}>{t('history.empty')}</p>
          ) : (
            <Rows operations={operations} />
          )
        }
      </QueryView>
    </Section>
  );
}

function Rows({ operations }: { operations: OperationView[] }) {
  const t = useTranslations('servers.history');
  const words = useOperationWords();
  const states = useTranslations('operations.state');
  return (
    <table className={`${tables.rows} ${tables.telling} ${tables.headless} ${tables.stacked}`}>
      <caption className="visually-hidden">{t('title')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('at')}</th>
          <th scope="col">{t('who')}</th>
          <th scope="col">{t('what')}</th>
          <th scope="col">{t('result')}</th>
          <th scope="col">{t('duration')}</th>
        </tr>
      </thead>
      <tbody>
        {operations.map((operation) => {
          const what = words.kind(operation.kind);
          return (
            <tr key={operation.id}>
              <td>
                <TimeText iso={operation.createdAt} />
              </td>
              <td>{words.who(operation.startedBy)}</td>
              <td className={tables.tale}>
                <Link href={paths.operation(operation.id)}>{what}</Link>
                <StaffActs acts={operation.staffActs} />
              </td>
              <td>
                <StateBadge tone={toneOfOperation[operation.state]}>{states(operation.state)}</StateBadge>
              </td>
              <td>
                {operation.endedAt === null ? (
                  <Duration from={operation.createdAt} />
                ) : (
                  <Duration from={operation.createdAt} to={operation.endedAt} />
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
