import { cookies, headers } from 'next/headers';
import { getRequestConfig } from 'next-intl/server';
import { defaultZone, type Locale } from '../format/time.ts';
import { localeCookie } from './cookies.ts';
import { messages } from './messages.ts';

/** The language: the cookie (the account's setting is written into it), else what the browser prefers. Never the path. */
export default getRequestConfig(async () => {
  const chosen = (await cookies()).get(localeCookie)?.value;
  const locale: Locale =
    chosen === 'ja' || chosen === 'en' ? chosen : preferred((await headers()).get('accept-language') ?? '');
  return { locale, messages: messages[locale], timeZone: defaultZone };
});

function preferred(acceptLanguage: string): Locale {
  const first = acceptLanguage
    .split(',')
    .map((entry) => entry.trim().slice(0, 2).toLowerCase())
    .find((language) => language === 'ja' || language === 'en');
  return first === 'en' ? 'en' : 'ja';
}
