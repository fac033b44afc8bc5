import type { EffectiveState } from '../../../server/servers/schema.ts';

/** What matters of a server's state to who sits at its console. */
export type ServerPhase = 'running' | 'stopping' | 'off' | 'starting' | 'restarting' | 'gone' | 'unknown';

const phases: Record<EffectiveState, ServerPhase> = {
  creating: 'starting',
  'create-failed': 'gone',
  running: 'running',
  stopped: 'off',
  'stopped-by-guest': 'off',
  starting: 'starting',
  'shutting-down': 'stopping',
  restarting: 'restarting',
  'forcing-off': 'stopping',
  deleting: 'gone',
  deleted: 'gone',
  unknown: 'unknown',
  // Its guest may run, or not: the host's answer tells.
  'needs-attention': 'unknown',
};
export const serverPhase = (state: EffectiveState): ServerPhase => phases[state];
