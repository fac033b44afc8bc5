import type { ServerView } from '../../../server/servers/schema.ts';

/** Numbers inside names count as numbers: web-2 stands before web-10. */
const names = new Intl.Collator('ja', { numeric: true });

/** Somebody of the account or of the staff has to look at it. */
export function needsSomeone(server: Pick<ServerView, 'state' | 'operation'>): boolean {
  return (
    server.state === 'needs-attention' ||
    server.state === 'create-failed' ||
    server.operation?.state === 'failed' ||
    server.operation?.state === 'stuck'
  );
}

export const compareNames = (a: { name: string }, b: { name: string }): number => names.compare(a.name, b.name);

/** What needs somebody first, then by name. */
export function sortServers<S extends Pick<ServerView, 'state' | 'operation' | 'name'>>(servers: readonly S[]): S[] {
  return [...servers].sort((a, b) => Number(needsSomeone(b)) - Number(needsSomeone(a)) || compareNames(a, b));
}
