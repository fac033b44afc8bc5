/** The product's own words, so that a better sentence does not break a journey. Placeholders stay as they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../app/_lib/messages');
const loaded = new Map<string, unknown>();

/** `servers.dialog.stop.confirm` → 「シャットダウン」; `params` fill simple {placeholders}. */
export function words(path: string, params: Record<string, string> = {}, locale: 'ja' | 'en' = 'ja'): string {
  const [area = '', ...keys] = path.split('.');
  const file = join(folder, locale, `${area}.json`);
  if (!loaded.has(file)) loaded.set(file, JSON.parse(readFileSync(file, 'utf8')));
  const found = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], loaded.get(file));
  if (typeof found !== 'string') throw new Error(`no words at ${path} (${locale})`);
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole);
}

/** The words around placeholders as a pattern: 「起動しました（{duration}）」 → /起動しました（.*）/. */
export function pattern(path: string, locale: 'ja' | 'en' = 'ja'): RegExp {
  return new RegExp(
    words(path, {}, locale)
      .split(/\{\w+\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );
}
