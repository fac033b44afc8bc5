'use client';

import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { figure } from '../../_lib/format/numbers.ts';
import { paths } from '../../_lib/paths.ts';
import { TimeText } from '../../_ui/TimeText.tsx';
import { Ipv4 } from './Ipv4.tsx';
import styles from './list.module.css';
import type { ListSort, ListView } from './list-view.ts';
import { OperationLine } from './OperationLine.tsx';
import { RowMenu } from './RowMenu.tsx';
import type { Rows } from './rows.ts';
import { ServerState } from './ServerState.tsx';
import { useServerWords } from './useServerWords.ts';

/** One row per server. A click on a row does nothing but on its link: text stays selectable. */
export function ServerTable({
  servers,
  selected,
  select,
  onRefused,
  view,
  change,
}: Rows & { view: ListView; change: (part: Partial<ListView>) => void }) {
  const t = useTranslations('servers');
  const words = useServerWords();
  const ids = servers.map(({ id }) => id);
  const sortable = { view, change };
  return (
    <table className={styles.table}>
      <caption className="visually-hidden">{t('list.caption')}</caption>
      <thead>
        <tr>
          {selected === null ? null : (
            <th scope="col" className={styles.check}>
              <input
                type="checkbox"
                aria-label={t('list.selectAll')}
                checked={ids.every((id) => selected.has(id))}
                onChange={(event) => select(ids, event.target.checked)}
              />
            </th>
          )}
          <Sortable {...sortable} by="state">
            {t('list.state')}
          </Sortable>
          <Sortable {...sortable} by="name">
            {t('list.name')}
          </Sortable>
          <th scope="col">{t('list.ipv4')}</th>
          <th scope="col" className={styles.dropSecond}>
            {t('list.plan')}
          </th>
          <th scope="col" className={styles.dropFirst}>
            {t('list.zone')}
          </th>
          <Sortable {...sortable} by="renewal" drops>
            {t('list.renewal')}
          </Sortable>
          <Sortable {...sortable} by="price" right drops>
            {t('list.price')}
          </Sortable>
          <th scope="col">
            <span className="visually-hidden">{t('list.menu')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {servers.map((server) => (
          <tr key={server.id} data-selected={selected?.has(server.id) || undefined}>
            {selected === null ? null : (
              <td className={styles.check}>
                <input
                  type="checkbox"
                  aria-label={t('list.select', { name: server.name })}
                  checked={selected.has(server.id)}
                  onChange={(event) => select([server.id], event.target.checked)}
                />
              </td>
            )}
            <td>
              <ServerState server={server} />
              <OperationLine server={server} />
            </td>
            <th scope="row" className={styles.name}>
              <Link href={paths.server(server.id)}>{server.name}</Link>
            </th>
            <td className={styles.address}>
              <Ipv4 server={server} />
            </td>
            <td className={styles.dropSecond}>
              {words.named(server.plan)}
              <span className={styles.spec}>{words.spec(server.plan)}</span>
            </td>
            <td className={styles.dropFirst}>{words.named(server.zone)}</td>
            <td className={styles.dropThird}>
              {server.nextRenewal === null ? null : <TimeText iso={server.nextRenewal} mode="date" />}
            </td>
            <td className={`${styles.right} ${styles.dropThird}`}>
              {server.nextRenewal === null ? null : figure(server.monthlyYenWithTax)}
            </td>
            <td className={styles.menuCell}>
              <RowMenu server={server} onRefused={onRefused} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A heading that sorts: upwards, downwards, and back to the list's own order. */
function Sortable({
  view,
  change,
  by,
  right = false,
  drops = false,
  children,
}: {
  view: ListView;
  change: (part: Partial<ListView>) => void;
  by: ListSort;
  right?: boolean;
  /** Has no room on a narrow screen. */
  drops?: boolean;
  children: ReactNode;
}) {
  const isSorted = view.sort === by;
  const next = !isSorted
    ? { sort: by, descending: false }
    : view.descending
      ? { sort: null, descending: false }
      : { descending: true };
  const Arrow = view.descending ? IconArrowDown : IconArrowUp;
  return (
    <th
      scope="col"
      className={`${right ? styles.right : ''} ${drops ? styles.dropThird : ''}`.trim() || undefined}
      aria-sort={isSorted ? (view.descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" className={styles.sort} onClick={() => change(next)}>
        {children}
        {isSorted ? <Arrow size={16} stroke={2} aria-hidden /> : null}
      </button>
    </th>
  );
}
