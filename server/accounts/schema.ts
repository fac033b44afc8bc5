import { z } from 'zod';
import { text } from '../text.ts';

const memberRole = z.enum(['owner', 'operator', 'billing', 'viewer']);
export const staffRole = z.enum(['support', 'operator', 'billing', 'admin']);

export const me = z.object({
  user: z.object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    locale: z.enum(['ja', 'en']),
    theme: z.enum(['system', 'light', 'dark']),
  }),
  account: z.object({ id: z.string(), name: z.string(), role: memberRole }).nullable(),
  staffRole: staffRole.nullable(),
});
export type Me = z.infer<typeof me>;

export const preferences = z.object({
  name: text(100).trim().min(1).optional(),
  locale: z.enum(['ja', 'en']).optional(),
  theme: z.enum(['system', 'light', 'dark']).optional(),
});

/** Where a person is signed in. */
export const sessionView = z.object({
  id: z.string(),
  /** The one that asks. */
  isCurrent: z.boolean(),
  address: z.string().nullable(),
  /** As the browser called itself when signing in; never believed, only shown. */
  userAgent: z.string().nullable(),
  createdAt: z.iso.datetime(),
  /** Written at most every ten minutes. */
  lastUsedAt: z.iso.datetime(),
});
export type SessionView = z.infer<typeof sessionView>;
export const endedSessions = z.object({ ended: z.int() });
export const passwordChange = z.object({ current: text(1000), password: text(1000) });

export const sshKeyView = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  fingerprint: z.string(),
  createdAt: z.iso.datetime(),
});
export const sshKeyAdd = z.object({ name: text(300).optional(), publicKey: text(20_000) });
/** What a pasted key is, while typing. */
export const sshKeyRead = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), type: z.string(), fingerprint: z.string(), comment: z.string() }),
  z.object({ ok: z.literal(false), code: z.enum(['ssh-key-format', 'ssh-key-private', 'ssh-key-weak', 'empty']) }),
]);
