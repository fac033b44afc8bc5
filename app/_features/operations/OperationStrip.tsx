'use client';

import { IconCheck } from '@tabler/icons-react';
import Link from 'next/link';
import { useLocale, useTranslations } from 'next-intl';
import { type ReactNode, useId, useState } from 'react';
import type { OperationView } from '../../../server/servers/schema.ts';
import { clock, duration } from '../../_lib/format/time.ts';
import { paths } from '../../_lib/paths.ts';
import { Duration } from '../../_ui/Duration.tsx';
import { Ring } from '../../_ui/Ring.tsx';
import { useNow } from '../../_ui/TimeText.tsx';
import styles from './operations.module.css';
import { currentStep, isSlow, secondsTaken } from './progress.ts';
import { StaffActs } from './StaffActs.tsx';
import { StepList } from './StepList.tsx';
import { useOperationWords } from './useOperationWords.ts';

/**
 * One line for what is going on: name, step, elapsed and usual time; the steps unfold under it.
 * `actions`: what a person may do meanwhile, e.g. force off while the guest is waited for.
 */
export function OperationStrip({ operation, actions }: { operation: OperationView; actions?: ReactNode }) {
  const t = useTranslations('operations');
  const locale = useLocale();
  const words = useOperationWords();
  const [unfolded, setUnfolded] = useState(operation.kind === 'create');
  const stepsId = useId();
  const now = useNow(1000);
  const current = currentStep(operation.steps);
  const kind = words.kind(operation.kind);

  return (
    <section className={styles.strip} aria-label={t('strip.label')}>
      {/* Said once, when it begins: neither steps nor seconds are announced. */}
      <span className="visually-hidden" role="status">
        {kind}
      </span>
      <div className={styles.stripLine}>
        <span className={styles.stripIcon}>
          <Ring size={18} />
        </span>
        <strong>{kind}</strong>
        {current !== null && operation.steps.length > 0 ? (
          <span className={styles.stripStep}>
            <span className="num">{t('strip.position', { n: current.n, total: current.total })}</span>{' '}
            {words.step(current.step.name)}
          </span>
        ) : (
          <span className={styles.stripStep}>
            {operation.state === 'queued' ? t('strip.queued') : t('strip.finishing')}
          </span>
        )}
        <span className={styles.stripTime}>
          <Duration from={operation.createdAt} />
          {operation.usualSeconds === null ? null : (
            <span className={styles.quiet}>
              {' '}
              {t('strip.usual', { duration: duration(operation.usualSeconds, locale) })}
            </span>
          )}
        </span>
        <button
          type="button"
          className={styles.unfold}
          aria-expanded={unfolded}
          aria-controls={stepsId}
          onClick={() => setUnfolded(!unfolded)}
        >
          {unfolded ? t('strip.hide') : t('strip.details')}
        </button>
      </div>
      {operation.waitsUntil === null ? null : <Waiting until={operation.waitsUntil} now={now} />}
      {now !== null && isSlow(operation, now) ? <p>{t('strip.slow')}</p> : null}
      {actions ? <div className={styles.stripActions}>{actions}</div> : null}
      <div id={stepsId} hidden={!unfolded} className={styles.unfolded}>
        <StepList steps={operation.steps} />
        <StaffActs acts={operation.staffActs} />
        <p className={styles.quiet}>
          {t('strip.startedBy', { time: clock(operation.createdAt), who: words.who(operation.startedBy) })}{' '}
          {t('strip.leave')} <Link href={paths.operation(operation.id)}>{t('strip.open')}</Link>
        </p>
      </div>
    </section>
  );
}

/** The guest was asked and has until `until` to answer. */
function Waiting({ until, now }: { until: string; now: number | null }) {
  const t = useTranslations('operations');
  if (now !== null && Date.parse(until) <= now) return <p>{t('strip.waitingOver')}</p>;
  return <p>{t.rich('strip.waiting', { left: () => <Duration until={until} /> })}</p>;
}

/** Ten seconds of 「再起動しました（52秒）」; after that it lives in the history. */
export function DoneStrip({ operation }: { operation: OperationView }) {
  const t = useTranslations('operations');
  const locale = useLocale();
  const seconds = secondsTaken(operation);
  return (
    <p className={styles.done} role="status">
      <IconCheck className={styles.doneIcon} size={18} stroke={2} aria-hidden />
      {t(`done.${operation.kind}`, { duration: duration(seconds ?? 0, locale) })}
    </p>
  );
}
