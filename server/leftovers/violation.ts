export interface Violation {
  /** A kind of thing (machine.ts), or of a row: what is wrong. */
  kind: string;
  /** Of the server; of what belongs to none, its own. */
  id: string;
  /** For people. */
  sentence: string;
}

export type Say = (kind: string, sentence: string) => void;
