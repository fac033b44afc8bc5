/** One thing that happened, as a line of the story. */
export type Moment = {
  at: Date;
  /** Who says so: a process's log, or the table that it stands in. */
  source: string;
  text: string;
};
