'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { HistoryEntry } from '../../../server/servers/history-schema.ts';
import { paths } from '../../_lib/paths.ts';
import { Duration } from '../../_ui/Duration.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { TimeText } from '../../_ui/TimeText.tsx';
import tables from '../../_ui/table.module.css';
import { StaffActs } from '../operations/StaffActs.tsx';
import { toneOfOperation } from '../operations/tone.ts';
import { useOperationWords } from '../operations/useOperationWords.ts';

/** Who did what, when, with what result and how long it took. */
export function HistoryTable({ entries }: { entries: HistoryEntry[] }) {
  const t = useTranslations('servers.history');
  const words = useOperationWords();
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
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td>
              <TimeText iso={entry.at} />
            </td>
            <td>{words.who(entry.what === 'operation' ? entry.operation.startedBy : entry.by)}</td>
            {entry.what === 'operation' ? <OperationCells {...entry} /> : <SettingCells {...entry} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OperationCells({ operation }: Extract<HistoryEntry, { what: 'operation' }>) {
  const words = useOperationWords();
  const states = useTranslations('operations.state');
  return (
    <>
      <td className={tables.tale}>
        <Link href={paths.operation(operation.id)}>{words.kind(operation.kind)}</Link>
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
    </>
  );
}

/** A change of a setting is done when it is asked for: it takes no time worth a figure. */
function SettingCells({ setting, before, after }: Extract<HistoryEntry, { what: 'setting' }>) {
  const t = useTranslations('servers.history');
  return (
    <>
      <td className={tables.tale}>
        {setting === 'rename'
          ? t('setting.rename', { before: before.name ?? '', after: after.name ?? '' })
          : t(after.deleteProtection === true ? 'setting.protectOn' : 'setting.protectOff')}
      </td>
      <td>
        <StateBadge tone="ok">{t('done')}</StateBadge>
      </td>
      <td className={tables.dash}>{t('instant')}</td>
    </>
  );
}
