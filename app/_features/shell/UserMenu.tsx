'use client';

import { lazy, Suspense, useState } from 'react';
import { UserMenuButton, type UserMenuProps } from './UserMenuButton.tsx';

const loadList = () => import('./UserMenuList.tsx').then(({ UserMenuList }) => ({ default: UserMenuList }));
const UserMenuList = lazy(loadList);
/** Ahead of the press. If it fails, the press tries again and says so. */
const prepare = () => void loadList().catch(() => undefined);

/** The menu's code is no part of a page's first load: it comes when somebody reaches for the button. */
export function UserMenu(props: UserMenuProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <UserMenuButton
      name={props.name}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={() => setWanted(true)}
    />
  );
  return wanted ? (
    <Suspense fallback={button}>
      <UserMenuList {...props} />
    </Suspense>
  ) : (
    button
  );
}
