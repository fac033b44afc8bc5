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
  locale: z.enum(['ja', 'en']).optional(),
  theme: z.enum(['system', 'light', 'dark']).optional(),
});

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
