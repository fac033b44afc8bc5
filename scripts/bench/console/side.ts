import type { Way } from './line.ts';

/** One of those who are held against each other. */
export interface Side {
  readonly name: string;
  /** Whose time counts, with all that they start. */
  readonly pids: number[];
  /** For so many viewers, once. */
  way(viewers: number): Promise<Way>;
  /** Resolves when those who have gone are forgotten. */
  left(): Promise<void>;
  stop(): Promise<void>;
}
