'use client';

import { Modal } from '@mantine/core';
import { useTranslations } from 'next-intl';
import { type ReactNode, useId } from 'react';
import { ActionButton } from './ActionButton.tsx';
import styles from './Dialog.module.css';

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
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title={title}
      aria-describedby={bodyId}
      withCloseButton={false}
      // Its lock would write a <style> without a nonce; base.css locks by :has([data-dialog]) instead.
      lockScroll={false}
      closeOnClickOutside={false}
      transitionProps={{ duration: 0 }}
      data-dialog
      classNames={{
        root: styles.root ?? '',
        inner: styles.inner ?? '',
        overlay: styles.overlay ?? '',
        content: styles.panel ?? '',
        header: styles.header ?? '',
        title: styles.title ?? '',
        body: styles.body ?? '',
      }}
    >
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
    </Modal>
  );
}
