'use client';

import { lazy, Suspense, useState } from 'react';
import { PowerMenuButton, type PowerMenuProps } from './PowerMenuButton.tsx';

const loadList = () => import('./PowerMenuList.tsx').then(({ PowerMenuList }) => ({ default: PowerMenuList }));
const PowerMenuList = lazy(loadList);
/** Ahead of the press. If it fails, the press tries again and says so. */
const prepare = () => void loadList().catch(() => undefined);

/** ⋯ beside the power's buttons; its code is no part of the page's first load. */
export function PowerMenu(props: PowerMenuProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <PowerMenuButton
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => setWanted(true)}
    />
  );
  return wanted ? (
    <Suspense fallback={button}>
      <PowerMenuList {...props} />
    </Suspense>
  ) : (
    button
  );
}
