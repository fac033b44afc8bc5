'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import type { OrderOptions } from '../../../server/catalog/schema.ts';
import { yen } from '../../_lib/format/numbers.ts';
import { period, shortDate } from '../../_lib/format/time.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Money } from '../../_ui/Money.tsx';
import { useServerWords } from '../servers/useServerWords.ts';
import type { Draft } from './draft.ts';
import styles from './order.module.css';

/** What will be ordered and what it costs with tax, always beside the button; on a phone a bar at the bottom. */
export function OrderSummary({ options, draft, busy }: { options: OrderOptions; draft: Draft; busy: boolean }) {
  const order = useTranslations('order');
  const t = useTranslations('order.summary');
  const words = useServerWords();
  const locale = useLocale();
  const plan = options.plans.find(({ id }) => id === draft.planId);
  const image = options.images.find(({ id }) => id === draft.imageId);
  const signIn =
    draft.method === 'password'
      ? t('signInPassword')
      : draft.sshKeyIds.length === 0
        ? t('none')
        : t('signInKeys', { count: draft.sshKeyIds.length });
  return (
    <aside className={styles.summary} aria-label={t('title')}>
      <h2 className={styles.summaryTitle}>{t('title')}</h2>
      <dl className={styles.summaryLines}>
        <dt>{order('plan.label')}</dt>
        <dd>
          {plan === undefined ? (
            t('none')
          ) : (
            <>
              {words.named(plan)} <span className={styles.quiet}>{words.spec(plan)}</span>
            </>
          )}
        </dd>
        <dt>{order('image.label')}</dt>
        <dd>{image === undefined ? t('none') : `${words.named(image)} ${image.version}`}</dd>
        <dt>{order('name.label')}</dt>
        <dd>{draft.name}</dd>
        <dt>{order('signIn.label')}</dt>
        <dd>{signIn}</dd>
        {draft.deleteProtection ? null : (
          <>
            <dt>{order('details.protection')}</dt>
            <dd>{order('details.protectionOff')}</dd>
          </>
        )}
      </dl>
      {plan === undefined ? (
        <p className={styles.quiet}>{t('notChosen')}</p>
      ) : (
        <div>
          <p className={styles.quiet}>{t('monthly')}</p>
          <p className={styles.total}>
            <Money yen={plan.yenWithTax} />
          </p>
          <p className={styles.breakdown}>
            {t('breakdown', {
              net: yen(plan.yen, locale),
              percent: plan.taxPercent,
              tax: yen(plan.taxYen, locale),
            })}
          </p>
          <p className={styles.term}>
            {t('term', {
              period: period(options.term.first, options.term.last, locale),
              renewal: shortDate(options.term.renewal, locale),
            })}
          </p>
        </div>
      )}
      <ActionButton type="submit" tone="primary" busy={busy}>
        {t('next')}
      </ActionButton>
      <Announcer text={plan === undefined ? '' : t('total', { price: words.price(plan.yenWithTax) })} />
    </aside>
  );
}

const pauseMs = 500;

/** Says the new total, once the choosing has come to rest. */
function Announcer({ text }: { text: string }) {
  const [said, setSaid] = useState('');
  const [first] = useState(text);
  useEffect(() => {
    if (text === first && said === '') return;
    const timer = setTimeout(() => setSaid(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text, first, said]);
  return (
    <span className="visually-hidden" role="status">
      {said}
    </span>
  );
}
