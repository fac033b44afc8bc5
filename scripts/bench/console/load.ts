/** What the source says to whom, and what the numbers in it mean: known to source.ts and viewers.ts. */

/** RFB's version, "nothing to prove", "share": what every viewer says first. The source begins after it. */
export const HELLO = Buffer.from('RFB 003.008\n\x01\x01', 'latin1');
/** A key of RFB's, whose name of 32 bits is the number of a probe. */
export const KEY_BYTES = 8;
/** All that the source says to probes and in a trickle is of this size: a kind, and the number at 4. */
export const UNIT_BYTES = 64;
export const UNIT = { trickle: 0, echo: 1 } as const;

export type Flow =
  /** Says nothing by itself; a key is answered. */
  | { is: 'quiet' }
  /** As much as is taken. */
  | { is: 'flat' }
  /** An update of `bytes` to each viewer every `everyMs`. */
  | { is: 'paced'; bytes: number; everyMs: number }
  /** A unit to each viewer every `everyMs`. */
  | { is: 'trickle'; everyMs: number };
