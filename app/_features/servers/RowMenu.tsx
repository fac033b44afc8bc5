'use client';

import { lazy, Suspense, useState } from 'react';
import { RowMenuButton, type RowMenuProps } from './RowMenuButton.tsx';

const loadList = () => import('./RowMenuList.tsx').then(({ RowMenuList }) => ({ default: RowMenuList }));
const RowMenuList = lazy(loadList);
/** Ahead of the press. If it fails, the press tries again and says so. */
const prepare = () => void loadList().catch(() => undefined);

/** A row's one menu; its code comes when somebody reaches for it. */
export function RowMenu(props: RowMenuProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <RowMenuButton
      name={props.server.name}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => setWanted(true)}
    />
  );
  return wanted ? (
    <Suspense fallback={button}>
      <RowMenuList {...props} />
    </Suspense>
  ) : (
    button
  );
}
