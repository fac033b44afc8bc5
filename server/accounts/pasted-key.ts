/** A public key as a form sends it, with its name: what the account's keys and a user's own have in common. */
import type { z } from 'zod';
import { PublicError } from '../errors.ts';
import type { SshKey } from '../generated/prisma/client.ts';
import type { sshKeyAdd, sshKeyView } from './schema.ts';
import { readSshKey } from './ssh-key.ts';

const NAME_MAX = 100;

type PastedKey = Pick<SshKey, 'name' | 'type' | 'fingerprint' | 'publicKey'>;

/** @throws PublicError INPUT */
export function parsePastedKey(input: z.infer<typeof sshKeyAdd>): PastedKey {
  const read = readSshKey(input.publicKey);
  if (!read.ok) throw new PublicError('INPUT', { fields: { publicKey: { code: read.code } } });
  const name = input.name?.normalize('NFKC').trim() || read.comment.slice(0, NAME_MAX) || read.type;
  const length = [...name].length;
  if (length > NAME_MAX)
    throw new PublicError('INPUT', { fields: { name: { code: 'too-long', params: { max: NAME_MAX, length } } } });
  return { name, type: read.type, fingerprint: read.fingerprint, publicKey: read.publicKey };
}

export type SshKeyView = z.infer<typeof sshKeyView>;

export const viewSshKey = (key: Omit<PastedKey, 'publicKey'> & { id: string; createdAt: Date }): SshKeyView => ({
  id: key.id,
  name: key.name,
  type: key.type,
  fingerprint: key.fingerprint,
  createdAt: key.createdAt.toISOString(),
});
