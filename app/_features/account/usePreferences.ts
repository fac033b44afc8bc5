'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import type { Locale } from '../../_lib/format/time.ts';
import { localeCookie, type Theme, themeCookie, writeChoice } from '../../_lib/i18n/cookies.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';

/**
 * Language and theme. The page changes at once by the cookie; the account's setting, which other browsers and
 * mail follow, is written behind it, and a failure of that does not take the choice back.
 */
export function usePreferences() {
  const trpc = useTRPC();
  const router = useRouter();
  const save = useMutation(trpc.accounts.setPreferences.mutationOptions({ onSettled: () => router.refresh() }));
  return {
    setLocale(locale: Locale) {
      writeChoice(localeCookie, locale);
      save.mutate({ locale });
    },
    setTheme(theme: Theme) {
      writeChoice(themeCookie, theme);
      document.documentElement.dataset.theme = theme;
      save.mutate({ theme });
    },
  };
}
