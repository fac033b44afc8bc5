import type { ReactNode } from 'react';
import { AccountTabs } from '../../_features/account/AccountTabs.tsx';

export default function AccountLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <AccountTabs />
      {children}
    </>
  );
}
