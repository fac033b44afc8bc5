'use client';

import { createContext, use } from 'react';
import type { ServerView } from '../../../server/servers/schema.ts';
import type { PageDialog } from '../../_ui/useDialog.ts';
import type { ServerActions } from './useServerActions.ts';

interface ServerOnPage {
  server: ServerView;
  actions: ServerActions;
  dialog: PageDialog;
}

export const ServerContext = createContext<ServerOnPage | null>(null);

/** The server that the frame around a tab has read, and what may be done with it. */
export function useServerOnPage(): ServerOnPage {
  const found = use(ServerContext);
  if (found === null) throw new Error('no server frame around');
  return found;
}
