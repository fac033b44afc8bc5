import type { EffectiveState } from '../../../server/servers/schema.ts';
import type { Tone } from '../../_ui/StateBadge.tsx';

export const toneOfState: Record<EffectiveState, Tone> = {
  creating: 'busy',
  'create-failed': 'bad',
  running: 'ok',
  stopped: 'neutral',
  'stopped-by-guest': 'neutral',
  starting: 'busy',
  'shutting-down': 'busy',
  restarting: 'busy',
  'forcing-off': 'busy',
  deleting: 'busy',
  deleted: 'neutral',
  unknown: 'unknown',
  'needs-attention': 'attention',
};
