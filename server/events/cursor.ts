/** A place in the event stream: `<xid>.<id>`. Numbers are PostgreSQL's bigint. */
export type Cursor = { xid: bigint; id: bigint };

export const formatCursor = ({ xid, id }: Cursor): string => `${xid}.${id}`;

/** null for anything that is no cursor: the stream then starts anew. */
export function parseCursor(text: string | null | undefined): Cursor | null {
  const match = /^(\d{1,18})\.(\d{1,18})$/.exec(text ?? '');
  return match?.[1] && match[2] ? { xid: BigInt(match[1]), id: BigInt(match[2]) } : null;
}

export const isAfter = (a: Cursor, b: Cursor): boolean => a.xid > b.xid || (a.xid === b.xid && a.id > b.id);
