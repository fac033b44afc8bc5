'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useLocale, useTranslations } from 'next-intl';
import type { OperationView } from '../../../server/servers/schema.ts';
import { clock, dateTime, duration } from '../../_lib/format/time.ts';
import { paths } from '../../_lib/paths.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { DataList } from '../../_ui/DataList.tsx';
import { Duration } from '../../_ui/Duration.tsx';
import { PageHeader } from '../../_ui/PageHeader.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Section } from '../../_ui/Section.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import tables from '../../_ui/table.module.css';
import { OperationFailure } from './OperationFailure.tsx';
import styles from './operations.module.css';
import { StaffActs } from './StaffActs.tsx';
import { toneOfOperation } from './tone.ts';
import { useOperationWords } from './useOperationWords.ts';

/** One operation: every step with its times, who asked, and what went wrong. */
export function OperationPage({ operationId }: { operationId: string }) {
  const t = useTranslations('operations.page');
  const trpc = useTRPC();
  const query = useQuery(trpc.operations.get.queryOptions({ operationId }));
  return (
    <QueryView
      query={query}
      skeleton={<Skeleton height={480} />}
      errorTitle={t('errorTitle')}
      errorFact={t('errorBody')}
    >
      {(operation) => <Loaded operation={operation} />}
    </QueryView>
  );
}

function Loaded({ operation }: { operation: OperationView }) {
  const t = useTranslations('operations.page');
  const all = useTranslations('operations');
  const locale = useLocale();
  const words = useOperationWords();
  const { serverId, serverName, state } = operation;
  const wentWrong = state === 'failed' || state === 'stuck' || state === 'undone';
  return (
    <>
      <PageHeader title={all('pageTitle', { kind: words.kind(operation.kind) })}>
        <StateBadge tone={toneOfOperation[state]}>{all(`state.${state}`)}</StateBadge>
      </PageHeader>
      {wentWrong ? (
        <OperationFailure
          operation={operation}
          actions={
            serverId === null ? null : <ActionButton href={paths.server(serverId)}>{t('toServer')}</ActionButton>
          }
        />
      ) : null}
      <DataList
        items={[
          ...(serverId === null
            ? []
            : [{ label: t('server'), value: <Link href={paths.server(serverId)}>{serverName ?? serverId}</Link> }]),
          { label: t('startedBy'), value: words.who(operation.startedBy) },
          { label: t('createdAt'), value: <TimeText iso={operation.createdAt} /> },
          ...(operation.endedAt === null ? [] : [{ label: t('ended'), value: <TimeText iso={operation.endedAt} /> }]),
          {
            label: t('duration'),
            value:
              operation.endedAt === null ? (
                <Duration from={operation.createdAt} />
              ) : (
                <Duration from={operation.createdAt} to={operation.endedAt} />
              ),
          },
          ...(operation.usualSeconds === null
            ? []
            : [{ label: t('usual'), value: duration(operation.usualSeconds, locale) }]),
          ...(operation.staffActs.length === 0
            ? []
            : [{ label: all('staffAct.label'), value: <StaffActs acts={operation.staffActs} /> }]),
          { label: t('id'), value: <CopyText value={operation.id} label={t('id')} mono /> },
        ]}
      />
      <div className={styles.pageSteps}>
        <Section title={t('steps')}>
          {operation.steps.length === 0 ? (
            <p className={styles.quiet}>{t('noSteps')}</p>
          ) : (
            <StepTable steps={operation.steps} />
          )}
        </Section>
      </div>
    </>
  );
}

const stepTone = {
  running: 'busy',
  done: 'ok',
  failed: 'bad',
  undone: 'neutral',
} as const;

function StepTable({ steps }: { steps: OperationView['steps'] }) {
  const t = useTranslations('operations.page');
  const states = useTranslations('operations.stepState');
  const words = useOperationWords();
  return (
    <table className={`${tables.rows} ${tables.headless} ${tables.stacked} ${styles.stepTable}`}>
      <caption className="visually-hidden">{t('steps')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('step')}</th>
          <th scope="col">{t('stepState')}</th>
          <th scope="col">{t('startedAt')}</th>
          <th scope="col">{t('endedAt')}</th>
          <th scope="col">{t('duration')}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step, i) => (
          <tr key={step.name}>
            <th scope="row">
              <span className="num">{i + 1}.</span> {words.step(step.name)}
            </th>
            <td>
              {step.state === 'waiting' || step.state === 'skipped' ? (
                <span className={styles.quiet}>{states(step.state)}</span>
              ) : (
                <StateBadge tone={stepTone[step.state]}>{states(step.state)}</StateBadge>
              )}
            </td>
            <td data-label={t('startedAt')}>
              {step.startedAt === null || step.state === 'skipped' ? null : <ToTheSecond iso={step.startedAt} />}
            </td>
            <td data-label={t('endedAt')}>
              {step.endedAt === null || step.state === 'skipped' ? null : <ToTheSecond iso={step.endedAt} />}
            </td>
            <td data-label={t('duration')}>
              {step.startedAt === null || step.state === 'skipped' ? null : step.endedAt !== null ? (
                <Duration from={step.startedAt} to={step.endedAt} />
              ) : step.state === 'running' ? (
                <Duration from={step.startedAt} />
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Steps lie seconds apart: `20:39:12`, the date on hover. */
function ToTheSecond({ iso }: { iso: string }) {
  const locale = useLocale();
  return (
    <time dateTime={iso} title={dateTime(iso, locale)}>
      {clock(iso, { seconds: true })}
    </time>
  );
}
