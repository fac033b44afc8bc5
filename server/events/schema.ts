import { z } from 'zod';

/** One line of the event stream. `cursor` = `<xid>.<id>`: where to resume. Pages re-read what `subject` names. */
export const eventView = z.object({
  cursor: z.string().regex(/^\d+\.\d+$/),
  /** server:<id>, operation:<id>, account:<id>, host:<id>, image:<id> */
  subject: z.string(),
  kind: z.string(),
});
export type EventView = z.infer<typeof eventView>;
