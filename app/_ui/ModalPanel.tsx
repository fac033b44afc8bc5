'use client';

import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './Dialog.module.css';

interface ModalPanelProps {
  open: boolean;
  onClose: () => void;
  title: string;
  describedBy: string;
  children: ReactNode;
}

/** The layer itself: labelled, focus kept inside, Esc. A file of its own, since `Dialog` loads it only when needed. */
export function ModalPanel({ open, onClose, title, describedBy, children }: ModalPanelProps) {
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title={title}
      aria-describedby={describedBy}
      withCloseButton={false}
      returnFocus={false}
      lockScroll={false}
      closeOnClickOutside={false}
      transitionProps={{ duration: 0 }}
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
      {children}
    </Modal>
  );
}
