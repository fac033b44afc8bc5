'use client';

import { useTranslations } from 'next-intl';
import { DataList } from '../../_ui/DataList.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { useDialog } from '../../_ui/useDialog.ts';
import { shortcutsVerb } from './shortcutsVerb.ts';

const shortcuts = ['search', 'submit', 'close', 'menu', 'console'] as const;

/** The list of keys, out of the user's menu; on every page under `?do=shortcuts`. */
export function Shortcuts() {
  const t = useTranslations('common.shortcuts');
  const { verb, close } = useDialog();
  if (verb !== shortcutsVerb) return null;
  return (
    <Dialog open onClose={close} title={t('title')}>
      <DataList items={shortcuts.map((name) => ({ key: name, label: t(`${name}.keys`), value: t(`${name}.what`) }))} />
    </Dialog>
  );
}
