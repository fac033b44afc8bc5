import { useEffect, useState } from 'react';

/** Run in the installation's folder, where each release brings its own Node. */
const node = 'current/node/bin/node';
const ending = (again: boolean): string => (again ? ' --again' : '');

/** `again`: a host that has joined before is to join anew. */
export const tokenCommand = (name: string, again = false): string =>
  `${node} --env-file=etc/admin.env current/daemons/admin.mjs join-token --name ${name}${ending(again)}`;

/** The token it asks for: a command line is for all to read. */
export const joinCommand = (panel: string, name: string, again = false): string =>
  `${node} --env-file-if-exists=etc/agent.env current/daemons/agent.mjs join --panel ${panel}` +
  ` --name ${name} --agent-url https://ADDRESS:9443${ending(again)}`;

/** Only the browser knows it. */
export function usePanelOrigin(): string {
  const [panel, setPanel] = useState('PANEL');
  useEffect(() => setPanel(window.location.origin), []);
  return panel;
}
