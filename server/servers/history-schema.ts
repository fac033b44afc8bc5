/** The history of a server, as `servers.history` asks and answers. */
import { z } from 'zod';
import { text } from '../text.ts';
import { operationView } from './schema.ts';

export const historyInput = z.object({
  /** `next` of the page before; absent: from the newest on. */
  cursor: text(100).optional(),
  limit: z.int().min(1).max(100).default(25),
});

const settingFacts = z.object({ name: z.string().optional(), deleteProtection: z.boolean().optional() });

const historyEntry = z.discriminatedUnion('what', [
  z.object({ what: z.literal('operation'), id: z.string(), at: z.iso.datetime(), operation: operationView }),
  z.object({
    what: z.literal('setting'),
    id: z.string(),
    at: z.iso.datetime(),
    setting: z.enum(['rename', 'protect']),
    by: operationView.shape.startedBy,
    /** What it was and what it became; only what this setting is about. */
    before: settingFacts,
    after: settingFacts,
  }),
]);
export type HistoryEntry = z.infer<typeof historyEntry>;

/** The newest first. */
export const historyPage = z.object({
  entries: z.array(historyEntry),
  /** null: this is the last page. */
  next: z.string().nullable(),
  /** Of all pages together. */
  total: z.int(),
});
export type HistoryPage = z.infer<typeof historyPage>;
