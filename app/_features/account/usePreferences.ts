'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import type { Locale } from '../../_lib/format/time.ts';
import { localeCookie, type Theme, themeCookie, writeChoice } from '../../_lib/i18n/cookies.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';

/**
 * Language and theme. The person's setting decides while they are signed in, in every browser and in mail; the
 * cookie keeps the same choice for the pages before signing in.
 */
export function usePreferences() {
  const trpc = useTRPC();
  const router = useRouter();
  const save = useMutation(trpc.account.preferences.mutationOptions({ onSettled: () => router.refresh() }));
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
