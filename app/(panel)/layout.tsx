import type { ReactNode } from 'react';
import { Shell } from '../_features/shell/Shell.tsx';
import { requireMe } from '../_lib/server/me.ts';

export default async function PanelLayout({ children }: { children: ReactNode }) {
  return <Shell me={await requireMe()}>{children}</Shell>;
}
