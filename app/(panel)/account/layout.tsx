import type { ReactNode } from 'react';
import { AccountTabs } from '../../_features/account/AccountTabs.tsx';
import { requireMe } from '../../_lib/server/me.ts';

export default async function AccountLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <AccountTabs keys={(await requireMe()).account !== null} />
      {children}
    </>
  );
}
