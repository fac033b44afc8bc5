import type { OperationView } from '../../../server/servers/schema.ts';
import type { Tone } from '../../_ui/StateBadge.tsx';

export const toneOfOperation: Record<OperationView['state'], Tone> = {
  queued: 'busy',
  running: 'busy',
  succeeded: 'ok',
  failed: 'bad',
  undone: 'neutral',
  stuck: 'attention',
  superseded: 'neutral',
};

/** It holds its locks: nothing else may start, and its steps may still move. */
export function isOpen(operation: Pick<OperationView, 'state'>): boolean {
  return operation.state === 'queued' || operation.state === 'running';
}
