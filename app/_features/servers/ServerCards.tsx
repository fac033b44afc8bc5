'use client';

import Link from 'next/link';
import { useLocale, useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { shortDate } from '../../_lib/format/time.ts';
import { paths } from '../../_lib/paths.ts';
import { Ipv4 } from './Ipv4.tsx';
import styles from './list.module.css';
import { OperationLine } from './OperationLine.tsx';
import { RowMenu } from './RowMenu.tsx';
import type { Rows } from './rows.ts';
import { ServerState } from './ServerState.tsx';
import { useServerWords } from './useServerWords.ts';

/** The same rows for a phone: nothing of the table is left out, and ⋯ is where the thumb is. */
export function ServerCards({ servers, selected, select, onRefused }: Rows) {
  const t = useTranslations('servers');
  return (
    <ul className={styles.cards} aria-label={t('list.caption')}>
      {servers.map((server) => (
        <li key={server.id} className={styles.card} data-selected={selected?.has(server.id) || undefined}>
          <div className={styles.cardHead}>
            {selected === null ? null : (
              <label className={styles.cardCheck}>
                <span className="visually-hidden">{t('list.select', { name: server.name })}</span>
                <input
                  type="checkbox"
                  checked={selected.has(server.id)}
                  onChange={(event) => select([server.id], event.target.checked)}
                />
              </label>
            )}
            <div className={styles.cardTitle}>
              <ServerState server={server} />
              <Link className={styles.cardName} href={paths.server(server.id)}>
                {server.name}
              </Link>
            </div>
            <RowMenu server={server} onRefused={onRefused} />
          </div>
          <CardFacts server={server} />
        </li>
      ))}
    </ul>
  );
}

function CardFacts({ server }: { server: ServerView }) {
  const t = useTranslations('servers');
  const locale = useLocale();
  const words = useServerWords();
  return (
    <>
      <OperationLine server={server} />
      <div>
        <Ipv4 server={server} />
      </div>
      <p>
        {words.named(server.plan)} <span className={styles.small}>{words.spec(server.plan)}</span>
      </p>
      <p className={styles.small}>
        {words.named(server.zone)}
        {server.nextRenewal === null
          ? null
          : ` · ${t('list.renewalAndPrice', {
              date: shortDate(server.nextRenewal, locale),
              price: words.price(server.monthlyYenWithTax),
            })}`}
      </p>
    </>
  );
}
