'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Installation } from '../../../server/catalog/schema.ts';
import type { ServerView } from '../../../server/servers/schema.ts';
import { useErrorWords } from '../../_lib/errors.ts';
import { duration } from '../../_lib/format/time.ts';
import { paths } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { Dialog } from '../../_ui/Dialog.tsx';
import { Field, FieldGroup, fieldId } from '../../_ui/Field.tsx';
import { Choice, TextInput } from '../../_ui/inputs.tsx';
import type { PageDialog } from '../../_ui/useDialog.ts';
import { protectionId } from './protection.ts';
import styles from './server.module.css';
import type { ServerActions } from './useServerActions.ts';
import { useServerWords } from './useServerWords.ts';

export interface ServerDialogProps {
  server: ServerView;
  installation: Installation;
  actions: ServerActions;
  onClose: () => void;
}

/** Closes the dialog whatever the answer is: a refusal is told on the page, where it stays. */
async function actAndClose(act: () => Promise<unknown>, onClose: () => void): Promise<void> {
  await act().catch(() => undefined);
  onClose();
}

export function StopDialog({ server, installation, actions, onClose }: ServerDialogProps) {
  const t = useTranslations('servers.dialog.stop');
  const money = useTranslations('servers.dialog.money');
  const locale = useLocale();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('title', { name: server.name })}
      actions={
        <ActionButton tone="primary" busy={actions.stop.busy} onClick={() => actAndClose(actions.stop.run, onClose)}>
          {t('confirm')}
        </ActionButton>
      }
    >
      <p>{t('body')}</p>
      <p>{installation.takesPayment ? money('charged') : money('free')}</p>
      <p>{t('deadline', { limit: duration(installation.stopTimeoutSeconds, locale) })}</p>
    </Dialog>
  );
}

export function RestartDialog({ server, installation, actions, onClose }: ServerDialogProps) {
  const t = useTranslations('servers.dialog.restart');
  const locale = useLocale();
  const [onTimeout, setOnTimeout] = useState<'give-up' | 'force-off'>('give-up');
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('title', { name: server.name })}
      actions={
        <ActionButton
          tone={onTimeout === 'force-off' ? 'danger' : 'primary'}
          busy={actions.restart.busy}
          onClick={() => actAndClose(() => actions.restart.run(onTimeout), onClose)}
        >
          {t('confirm')}
        </ActionButton>
      }
    >
      <p>{t('body')}</p>
      <FieldGroup name="onTimeout" label={t('onTimeout', { limit: duration(installation.stopTimeoutSeconds, locale) })}>
        {(['give-up', 'force-off'] as const).map((choice) => (
          <Choice
            key={choice}
            name="onTimeout"
            value={choice}
            checked={onTimeout === choice}
            onChange={() => setOnTimeout(choice)}
            label={t(choice)}
            help={t(`${choice}-help`)}
          />
        ))}
      </FieldGroup>
    </Dialog>
  );
}

export function ForceOffDialog({ server, installation, actions, onClose }: ServerDialogProps) {
  const t = useTranslations('servers.dialog.force-off');
  const money = useTranslations('servers.dialog.money');
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('title', { name: server.name })}
      actions={
        <ActionButton
          tone="danger"
          busy={actions.forceOff.busy}
          onClick={() => actAndClose(actions.forceOff.run, onClose)}
        >
          {t('confirm')}
        </ActionButton>
      }
    >
      <p>
        <strong>{t('body')}</strong>
      </p>
      <p>{t('kept')}</p>
      <p>{installation.takesPayment ? money('charged') : money('free')}</p>
    </Dialog>
  );
}

/** A wrong name is told at its field, and the dialog stays open with what was typed. */
export function RenameDialog({ server, actions, onClose }: ServerDialogProps) {
  const t = useTranslations('servers.dialog.rename');
  const errors = useErrorWords();
  const words = useServerWords();
  const [name, setName] = useState(server.name);
  const [error, setError] = useState<string>();
  async function submit() {
    try {
      await actions.rename.run(name);
      onClose();
    } catch (refused) {
      setError(errors.fields(refused, { name: t('label') }).name ?? words.refusal('rename', refused));
      document.getElementById(fieldId('name'))?.focus();
    }
  }
  return (
    <Dialog
      open
      onClose={onClose}
      onSubmit={submit}
      title={t('title')}
      actions={
        <ActionButton tone="primary" type="submit" busy={actions.rename.busy}>
          {t('confirm')}
        </ActionButton>
      }
    >
      <Field name="name" label={t('label')} help={t('help')} error={error}>
        <TextInput
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
      </Field>
    </Dialog>
  );
}

/** The delete that the protection refuses: why, and where it is lifted. */
export function ProtectedDialog({ server, dialog }: { server: ServerView; dialog: PageDialog }) {
  const t = useTranslations('servers.dialog.protected');
  const common = useTranslations('common');
  return (
    <Dialog
      open
      onClose={dialog.close}
      title={t('title', { name: server.name })}
      dismiss={common('close')}
      actions={
        <ActionButton tone="primary" onClick={() => dialog.leave(`${paths.serverSettings(server.id)}#${protectionId}`)}>
          {t('toSettings')}
        </ActionButton>
      }
    >
      <p>{t('body')}</p>
      <p>{t('how')}</p>
    </Dialog>
  );
}

/** `?do=` of something that is not possible now: why, and the way back. */
export function NotPossibleDialog({ reason, onClose }: { reason: string; onClose: () => void }) {
  const t = useTranslations('servers.dialog');
  return (
    <Dialog open onClose={onClose} title={t('notPossible')}>
      <p className={styles.quiet}>{reason}</p>
    </Dialog>
  );
}
