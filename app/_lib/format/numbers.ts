import type { Locale } from './time.ts';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Bare figures for a table whose header names the unit: `1,100`. The minus sign is a real one. */
export function figure(n: number): string {
  return grouped.format(n).replace('-', '−');
}

/** `1,100円`, `¥1,100`. (Intl's currency style gives a full-width ￥ in Japanese.) */
export function yen(n: number, locale: Locale): string {
  return locale === 'ja' ? `${figure(n)}円` : n < 0 ? `−¥${figure(-n)}` : `¥${figure(n)}`;
}

/** Memory and disk as they are sold: `2 GB`, `512 MB`. */
export function memory(mib: number): string {
  return mib >= 1024 && mib % 512 === 0 ? `${mib / 1024} GB` : `${figure(mib)} MB`;
}
export function gigabytes(gib: number): string {
  return gib >= 1024 && gib % 1024 === 0 ? `${gib / 1024} TB` : `${figure(gib)} GB`;
}
