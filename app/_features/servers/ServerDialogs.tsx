'use client';

import type { Installation } from '../../../server/catalog/schema.ts';
import type { ServerView } from '../../../server/servers/schema.ts';
import type { PageDialog } from '../../_ui/useDialog.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import {
  ForceOffDialog,
  NotPossibleDialog,
  ProtectedDialog,
  RenameDialog,
  RestartDialog,
  StopDialog,
} from './dialogs.tsx';
import type { ServerActions } from './useServerActions.ts';
import { useServerWords } from './useServerWords.ts';

const dialogs = {
  stop: StopDialog,
  restart: RestartDialog,
  'force-off': ForceOffDialog,
  delete: DeleteDialog,
  rename: RenameDialog,
};

function isDialog(verb: string | null): verb is keyof typeof dialogs {
  return verb !== null && Object.hasOwn(dialogs, verb);
}

/** The dialog that `?do=` names. An address only opens it; what is not possible now says why. */
export function ServerDialogs({
  dialog,
  server,
  installation,
  actions,
}: {
  dialog: PageDialog;
  server: ServerView;
  installation: Installation;
  actions: ServerActions;
}) {
  const words = useServerWords();
  const { verb, close: onClose } = dialog;
  if (!isDialog(verb)) return null;
  // While its own request is on the way the dialog stays, also if the page already shows the operation.
  const reason = actions.busy ? undefined : words.reason(verb, server.can[verb]);
  const can = server.can[verb];
  if (verb === 'delete' && reason !== undefined && can?.ok === false && can.reason === 'protected')
    return <ProtectedDialog server={server} dialog={dialog} />;
  if (reason !== undefined) return <NotPossibleDialog reason={reason} onClose={onClose} />;
  const Open = dialogs[verb];
  return <Open server={server} installation={installation} actions={actions} onClose={onClose} />;
}
