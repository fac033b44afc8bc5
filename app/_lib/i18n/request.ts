import { cookies, headers } from 'next/headers';
import { getRequestConfig } from 'next-intl/server';
import { defaultZone, type Locale } from '../format/time.ts';
import { currentSession } from '../server/session.ts';
import { localeCookie } from './cookies.ts';
import { messages } from './messages.ts';

/** The language: the person's setting, else the browser's cookie, else what the browser prefers. Never the path. */
export default getRequestConfig(async () => {
  const locale =
    known((await currentSession())?.user.locale) ??
    known((await cookies()).get(localeCookie)?.value) ??
    preferred((await headers()).get('accept-language') ?? '');
  return { locale, messages: messages[locale], timeZone: defaultZone };
});

function known(value: string | undefined): Locale | undefined {
  return value === 'ja' || value === 'en' ? value : undefined;
}

function preferred(acceptLanguage: string): Locale {
  const first = acceptLanguage
    .split(',')
    .map((entry) => entry.trim().slice(0, 2).toLowerCase())
    .find((language) => language === 'ja' || language === 'en');
  return known(first) ?? 'ja';
}
