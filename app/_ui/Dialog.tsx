'use client';

import { useTranslations } from 'next-intl';
import { lazy, type ReactNode, Suspense, useEffect, useId, useLayoutEffect, useState } from 'react';
import { ActionButton } from './ActionButton.tsx';
import styles from './Dialog.module.css';

const loadPanel = () => import('./ModalPanel.tsx').then(({ ModalPanel }) => ({ default: ModalPanel }));

/** Not part of a page's first load. After an upgrade the old file is gone: the page is loaded anew, `?do=` and all. */
const ModalPanel = lazy(() =>
  loadPanel().catch((error: unknown) => {
    window.location.reload();
    throw error;
  }),
);

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** The consequence, and what stays. */
  children: ReactNode;
  /** The verb. The safe way out is drawn by the dialog itself and has the first focus. */
  actions?: ReactNode;
  /** The safe way out's words; by default 「変更せずに戻る」. */
  dismiss?: string;
  /** With it the content is a form, and `actions` hold its submit button. */
  onSubmit?: () => void;
}

/** One layer over the page. Esc is "no"; the focus returns to where it came from. */
export function Dialog({ open, onClose, title, children, actions, dismiss, onSubmit }: DialogProps) {
  const t = useTranslations('common');
  const bodyId = useId();
  useScrollLock(open);
  useFocusReturn(open);
  const [needed, setNeeded] = useState(open);
  if (open && !needed) setNeeded(true);
  useEffect(() => {
    // In a quiet moment, so that the first dialog opens at once. A failure shows itself when it is opened.
    const timer = setTimeout(() => void loadPanel().catch(() => undefined), 2000);
    return () => clearTimeout(timer);
  }, []);
  const content = (
    <>
      <div id={bodyId} className={styles.content}>
        {children}
      </div>
      <div className={styles.actions}>
        <ActionButton onClick={onClose} data-autofocus>
          {dismiss ?? (actions ? t('goBack') : t('close'))}
        </ActionButton>
        {actions}
      </div>
    </>
  );
  if (!needed) return null;
  return (
    <Suspense fallback={null}>
      <ModalPanel open={open} onClose={onClose} title={title} describedBy={bodyId}>
        {onSubmit ? (
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              onSubmit();
            }}
          >
            {content}
          </form>
        ) : (
          content
        )}
      </ModalPanel>
    </Suspense>
  );
}

/**
 * Back to where the focus came from; if that is gone (the row was removed), to the page's heading. (Mantine's own
 * looks for the opener in a late effect, and then finds the dialog's button instead.)
 */
function useFocusReturn(active: boolean) {
  useLayoutEffect(() => {
    if (!active) return;
    const opener = document.activeElement;
    return () => {
      // After the dialog is out of the page, and after a popstate that closed it.
      setTimeout(() => {
        if (document.activeElement !== null && document.activeElement !== document.body) return;
        const there = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
        (there ? opener : document.querySelector('h1'))?.focus({ preventScroll: true });
      }, 20);
    };
  }, [active]);
}

/**
 * Keeps the page under the dialog where it is, without a shift where the scroll bar was. (Mantine's own lock
 * writes a <style> without a nonce, which the CSP refuses.)
 */
function useScrollLock(active: boolean) {
  useEffect(() => {
    if (!active) return;
    const { style, clientWidth } = document.documentElement;
    style.paddingInlineEnd = `${window.innerWidth - clientWidth}px`;
    style.overflow = 'hidden';
    return () => {
      style.paddingInlineEnd = '';
      style.overflow = '';
    };
  }, [active]);
}
