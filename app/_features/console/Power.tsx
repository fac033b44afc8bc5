'use client';

import { lazy, Suspense, useState } from 'react';
import { PowerButton, type PowerProps } from './PowerButton.tsx';

const loadMenu = () => import('./PowerMenu.tsx').then(({ PowerMenu }) => ({ default: PowerMenu }));
const PowerMenu = lazy(loadMenu);
/** Ahead of the press. If it fails, the press tries again and says so. */
const prepare = () => void loadMenu().catch(() => undefined);

/** The server's power at the foot of its console; the menu's code is no part of the page's first load. */
export function Power(props: PowerProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <PowerButton
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => setWanted(true)}
    />
  );
  return wanted ? (
    <Suspense fallback={button}>
      <PowerMenu {...props} />
    </Suspense>
  ) : (
    button
  );
}
