import type { Locale } from './time.ts';

/**
 * A field's label inside of a sentence: English begins it with a small letter there (`Enter email address.`),
 * unless it is an abbreviation (`Enter SSH public key.`). `label` is for the beginning of one.
 */
export function labelWords(label: string, locale: Locale): { label: string; inline: string } {
  const isWord = locale === 'en' && /^[A-Z](?![A-Z0-9])/.test(label);
  return { label, inline: isWord ? label.charAt(0).toLowerCase() + label.slice(1) : label };
}
