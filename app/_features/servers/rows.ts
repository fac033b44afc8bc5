import type { ServerView } from '../../../server/servers/schema.ts';
import type { RowRefused } from './RowRefusal.tsx';

/** What the table and the cards are drawn from. */
export interface Rows {
  servers: ServerView[];
  /** Ids; null: there are too few to choose from. */
  selected: ReadonlySet<string> | null;
  select: (ids: readonly string[], on: boolean) => void;
  onRefused: (refused: RowRefused) => void;
}
