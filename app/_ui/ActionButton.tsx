'use client';

import Link from 'next/link';
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import styles from './button.module.css';
import { Ring } from './Ring.tsx';

interface ActionButtonProps {
  onClick?: () => void;
  /** Goes somewhere instead of doing something. */
  href?: string;
  /** Why it cannot be used now. The button stays visible and focusable, and says this on hover, focus and press. */
  reason?: string | undefined;
  tone?: 'primary' | 'default' | 'danger';
  busy?: boolean;
  type?: 'button' | 'submit';
  children: ReactNode;
  'aria-label'?: string;
  /** Dialogs put the first focus on the button that carries this. */
  'data-autofocus'?: boolean;
}

export function ActionButton(props: ActionButtonProps) {
  const { onClick, href, reason, tone = 'default', busy = false, type = 'button', children } = props;
  const [shown, setShown] = useState(false);
  const reasonId = useId();
  const className = [styles.button, tone === 'default' ? '' : styles[tone]].join(' ').trim();

  if (href !== undefined && reason === undefined) {
    return (
      <Link className={className} href={href} onClick={onClick} aria-label={props['aria-label']}>
        {children}
      </Link>
    );
  }

  const button = (
    <button
      // With a reason a press must not submit the form around it.
      type={reason === undefined && !busy ? type : 'button'}
      className={className}
      aria-disabled={reason !== undefined || undefined}
      aria-busy={busy || undefined}
      aria-describedby={reason === undefined ? undefined : reasonId}
      aria-label={props['aria-label']}
      data-autofocus={props['data-autofocus'] || undefined}
      onClick={() => {
        if (reason !== undefined) setShown(true);
        else if (!busy) onClick?.();
      }}
      onMouseEnter={() => setShown(true)}
      onMouseLeave={() => setShown(false)}
      onFocus={() => setShown(true)}
      onBlur={() => setShown(false)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setShown(false);
      }}
    >
      {busy ? <Ring /> : null}
      {children}
    </button>
  );
  if (reason === undefined) return button;
  return (
    <span className={styles.anchor}>
      {button}
      {shown ? <Tip>{reason}</Tip> : null}
      <span id={reasonId} className="visually-hidden">
        {reason}
      </span>
    </span>
  );
}

const edgePx = 8;

/** The reason under the button, pushed back into the window where it would leave it. Seen, not spoken: see the description. */
function Tip({ children }: { children: string }) {
  const box = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const over = element.getBoundingClientRect().right - (document.documentElement.clientWidth - edgePx);
    if (over > 0) element.style.translate = `${-over}px`;
  }, []);
  return (
    <span ref={box} className={styles.tip} aria-hidden>
      {children}
    </span>
  );
}
