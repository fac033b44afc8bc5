import type { Locale } from '../format/time.ts';
import type { Messages } from './messages.ts';

/** `useTranslations('servers')('…')` knows its keys. */
declare module 'next-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}
