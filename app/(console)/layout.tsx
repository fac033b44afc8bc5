import type { ReactNode } from 'react';
import { LiveProvider } from '../_lib/live/Live.tsx';
import { requireMe } from '../_lib/server/me.ts';

/** Consoles have the window to themselves: no menu. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  return <LiveProvider userId={(await requireMe()).user.id}>{children}</LiveProvider>;
}
