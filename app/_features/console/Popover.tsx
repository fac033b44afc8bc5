'use client';

import { IconChevronDown } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './console.module.css';
import { ToolButton } from './ToolButton.tsx';

/** As console.module.css has it, with the window's margin. */
const WIDTH = 360 + 12;

/**
 * A control that opens more of them. It stays open while they are used; Esc, a press elsewhere and the focus's going
 * elsewhere close it, and so does what opens something over the page.
 */
export function Popover({
  label,
  icon = <IconChevronDown size={16} aria-hidden />,
  up = false,
  children,
}: {
  label: string;
  icon?: ReactNode;
  /** Opens above it. */
  up?: boolean;
  children: ReactNode | ((close: () => void) => ReactNode);
}) {
  const [open, setOpen] = useState(false);
  const [atEnd, setAtEnd] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const onPress = ({ target }: PointerEvent) => {
      if (target instanceof Node && anchor.current?.contains(target) !== true) setOpen(false);
    };
    document.addEventListener('pointerdown', onPress, { capture: true });
    return () => document.removeEventListener('pointerdown', onPress, { capture: true });
  }, [open]);
  function toggle() {
    const left = anchor.current?.getBoundingClientRect().left ?? 0;
    setAtEnd(left + WIDTH > window.innerWidth);
    setOpen(!open);
  }
  function close() {
    setOpen(false);
    // Here the focus comes back to, also from what opens next.
    anchor.current?.querySelector('button')?.focus();
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc closes it from any of its buttons
    <div
      ref={anchor}
      className={styles.anchor}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && open) close();
      }}
      onBlur={({ relatedTarget, currentTarget }) => {
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) setOpen(false);
      }}
    >
      <ToolButton icon={icon} aria-expanded={open} onClick={toggle}>
        {label}
      </ToolButton>
      {open ? (
        <div className={styles.popover} data-up={up || undefined} data-end={atEnd || undefined}>
          {typeof children === 'function' ? children(close) : children}
        </div>
      ) : null}
    </div>
  );
}
