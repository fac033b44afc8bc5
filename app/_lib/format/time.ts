/**
 * Dates and durations as people read them. Instants are ISO 8601 strings in UTC and are shown in `zone`;
 * civil dates (`2026-11-24`) have no zone and are shown as they are.
 */
export type Locale = 'ja' | 'en';
export const defaultZone = 'Asia/Tokyo';

interface Parts {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
  second: string;
  weekday: string;
}

const monthsEn = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const monthsEnLong = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdaysJa: Record<string, string> = {
  Sun: '日',
  Mon: '月',
  Tue: '火',
  Wed: '水',
  Thu: '木',
  Fri: '金',
  Sat: '土',
};

const formatters = new Map<string, Intl.DateTimeFormat>();
function partsOf(iso: string, zone: string): Parts {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      weekday: 'short',
    });
    formatters.set(zone, formatter);
  }
  const parts = formatter.formatToParts(new Date(iso));
  const read = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return {
    year: read('year'),
    month: read('month'),
    day: read('day'),
    hour: read('hour'),
    minute: read('minute'),
    second: read('second'),
    weekday: read('weekday'),
  };
}

/** Lists: `2026/11/24 20:39`, `24 Nov 2026, 20:39`. */
export function dateTime(iso: string, locale: Locale, zone = defaultZone): string {
  const { year, month, day, hour, minute } = partsOf(iso, zone);
  return locale === 'ja'
    ? `${year}/${month}/${day} ${hour}:${minute}`
    : `${Number(day)} ${monthsEn[Number(month) - 1]} ${year}, ${hour}:${minute}`;
}

/** The clock: `20:39`, with `seconds` `20:39:12`. */
export function clock(iso: string, { seconds = false, zone = defaultZone } = {}): string {
  const { hour, minute, second } = partsOf(iso, zone);
  return seconds ? `${hour}:${minute}:${second}` : `${hour}:${minute}`;
}

/** Contracts: `2026年11月24日（火）`, `Tue 24 November 2026`. Takes an instant or a civil date. */
export function longDate(iso: string, locale: Locale, zone = defaultZone): string {
  const { year, month, day, weekday } = partsOf(iso, isCivil(iso) ? 'UTC' : zone);
  return locale === 'ja'
    ? `${year}年${Number(month)}月${Number(day)}日（${weekdaysJa[weekday]}）`
    : `${weekday} ${Number(day)} ${monthsEnLong[Number(month) - 1]} ${year}`;
}

/** `2026/11/24`, `24 Nov 2026`. Takes an instant or a civil date. */
export function shortDate(iso: string, locale: Locale, zone = defaultZone): string {
  const { year, month, day } = partsOf(iso, isCivil(iso) ? 'UTC' : zone);
  return locale === 'ja' ? `${year}/${month}/${day}` : `${Number(day)} ${monthsEn[Number(month) - 1]} ${year}`;
}

/** A term of civil dates, both ends inclusive: `11月24日〜12月23日`, `24 November – 23 December`. */
export function period(first: string, last: string, locale: Locale): string {
  const a = partsOf(first, 'UTC');
  const b = partsOf(last, 'UTC');
  const ja = (p: Parts) => `${Number(p.month)}月${Number(p.day)}日`;
  const en = (p: Parts) => `${Number(p.day)} ${monthsEnLong[Number(p.month) - 1]}`;
  return locale === 'ja' ? `${ja(a)}〜${ja(b)}` : `${en(a)} – ${en(b)}`;
}

/** `1分12秒`, `1 min 12 s`: the two largest units that are not zero. */
export function duration(seconds: number, locale: Locale): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units: [number, string, string][] = [
    [Math.floor(whole / 86_400), '日', whole >= 172_800 ? 'days' : 'day'],
    [Math.floor(whole / 3600) % 24, '時間', 'h'],
    [Math.floor(whole / 60) % 60, '分', 'min'],
    [whole % 60, '秒', 's'],
  ];
  const first = units.findIndex(([n]) => n > 0);
  if (first === -1) return locale === 'ja' ? '0秒' : '0 s';
  const shown = units.slice(first, first + 2).filter(([n]) => n > 0);
  return locale === 'ja'
    ? shown.map(([n, ja]) => `${n}${ja}`).join('')
    : shown.map(([n, , en]) => `${n} ${en}`).join(' ');
}

/** A running clock: `0:38`, `1:02:03`. Its width does not jump within a minute. */
export function stopwatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `3分前`, `3 min ago`; only under 24 hours, else null. */
export function relative(iso: string, nowMs: number, locale: Locale): string | null {
  const seconds = Math.floor((nowMs - Date.parse(iso)) / 1000);
  if (seconds >= 86_400 || seconds < -60) return null;
  if (seconds < 60) return locale === 'ja' ? 'たった今' : 'just now';
  const [n, ja, en] =
    seconds < 3600 ? [Math.floor(seconds / 60), '分', 'min'] : [Math.floor(seconds / 3600), '時間', 'h'];
  return locale === 'ja' ? `${n}${ja}前` : `${n} ${en} ago`;
}

function isCivil(iso: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(iso);
}
