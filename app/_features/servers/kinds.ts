import type { OperationKindName } from '../../../server/servers/schema.ts';

const kinds: readonly OperationKindName[] = ['create', 'start', 'stop', 'restart', 'force_off', 'delete'];

/** The kind in a reason's params, where it is one. */
export function operationKind(text: string | undefined): OperationKindName | null {
  return kinds.find((kind) => kind === text) ?? null;
}
