'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { paths } from '../../_lib/paths.ts';
import { ActionButton } from '../../_ui/ActionButton.tsx';
import { OperationFailure } from '../operations/OperationFailure.tsx';
import { DoneStrip, OperationStrip } from '../operations/OperationStrip.tsx';
import { isOpen } from '../operations/tone.ts';
import { useJustEnded } from './useJustEnded.ts';
import type { ServerActions } from './useServerActions.ts';

/** What runs on this server, what has just ended, or what went wrong and waits for an answer. */
export function ServerOperation({
  server,
  actions,
  open,
}: {
  server: ServerView;
  actions: ServerActions;
  open: (verb: string) => void;
}) {
  const t = useTranslations('operations.failure');
  const consoles = useTranslations('console.open');
  const { operation } = server;
  const justEnded = useJustEnded(operation);
  if (operation === null) return justEnded === null ? null : <DoneStrip operation={justEnded} />;

  const mayForce = server.can['force-off']?.ok === true;
  const forceOff = mayForce ? <ActionButton onClick={() => open('force-off')}>{t('forceOff')}</ActionButton> : null;

  if (isOpen(operation)) {
    return (
      <OperationStrip
        key={operation.id}
        operation={operation}
        actions={operation.waitsUntil === null ? null : forceOff}
      />
    );
  }
  if (operation.state !== 'failed' && operation.state !== 'stuck' && operation.state !== 'undone') return null;

  /** The same once more, where the server would take it now. */
  function again() {
    switch (operation?.kind) {
      case 'start':
        return server.can.start?.ok ? (
          <ActionButton busy={actions.start.busy} onClick={actions.start.run}>
            {t('again.start')}
          </ActionButton>
        ) : null;
      case 'stop':
        return server.can.stop?.ok ? (
          <ActionButton busy={actions.stop.busy} onClick={() => void actions.stop.run().catch(() => undefined)}>
            {t('again.stop')}
          </ActionButton>
        ) : null;
      case 'restart':
        return server.can.restart?.ok ? (
          <ActionButton onClick={() => open('restart')}>{t('again.restart')}</ActionButton>
        ) : null;
      case 'delete':
        return server.can.delete?.ok ? (
          <ActionButton onClick={() => open('delete')}>{t('again.delete')}</ActionButton>
        ) : null;
      case 'create':
        return (
          <>
            <ActionButton href={paths.newServer}>{t('again.create')}</ActionButton>
            {server.can.delete?.ok ? (
              <ActionButton onClick={() => open('delete')}>{t('deleteServer')}</ActionButton>
            ) : null}
          </>
        );
      default:
        return null;
    }
  }

  return (
    <OperationFailure
      operation={operation}
      serverState={server.state}
      actions={
        <>
          {again()}
          {operation.failure?.code === 'GUEST_IGNORED' ? (
            <ActionButton href={paths.screen(server.id)}>{consoles('screen')}</ActionButton>
          ) : null}
          {forceOff}
          <ActionButton href={paths.operation(operation.id)}>{t('details')}</ActionButton>
        </>
      }
    />
  );
}
