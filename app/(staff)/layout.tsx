import type { ReactNode } from 'react';
import { Shell } from '../_features/shell/Shell.tsx';
import { StaffBar } from '../_features/staff/StaffBar.tsx';
import { requireStaff } from '../_lib/server/me.ts';

export default async function StaffLayout({ children }: { children: ReactNode }) {
  return (
    <Shell me={await requireStaff()}>
      <StaffBar />
      {children}
    </Shell>
  );
}
