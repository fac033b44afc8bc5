import { pageNow, serverTimeAt } from '../../_lib/clock/server-clock.ts';
import { dateTime } from '../../_lib/format/time.ts';

/** `20261125-1412`: now, for a file's name. */
export function fileStamp(): string {
  const now = serverTimeAt(pageNow());
  return now === null ? '' : dateTime(new Date(now).toISOString(), 'ja').replace(/[/:]/g, '').replace(' ', '-');
}
