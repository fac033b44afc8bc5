/** Several servers at once: starting, shutting down and restarting, and nothing that loses data. */
export const bulkActions = ['start', 'stop', 'restart'] as const;
export type BulkAction = (typeof bulkActions)[number];

export const bulkVerb = (action: BulkAction): string => `bulk-${action}`;
export function bulkActionOf(verb: string | null): BulkAction | null {
  return bulkActions.find((action) => bulkVerb(action) === verb) ?? null;
}
