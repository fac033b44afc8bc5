/**
 * A person's own public keys: by them they are known at the SSH door of the consoles. Unlike an account's keys they are
 * put into no server, and who takes one away ends what is open by it.
 *
 * Two people may have the same key (one person with two logins): nobody learns by adding one whether another has it.
 */
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import { parsePastedKey, type SshKeyView, viewSshKey } from './pasted-key.ts';
import type { sshKeyAdd } from './schema.ts';

const USER_KEYS_MAX = 20;

export async function listUserKeys({ db }: Deps, userId: string): Promise<SshKeyView[]> {
  const keys = await db.userKey.findMany({ where: { userId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
  return keys.map(viewSshKey);
}

/** @throws PublicError INPUT, SSH_KEY_TAKEN (by this user), LIMIT */
export async function addUserKey(deps: Deps, userId: string, input: z.infer<typeof sshKeyAdd>): Promise<SshKeyView> {
  const key = parsePastedKey(input);
  try {
    return await deps.db.$transaction(async (tx) => {
      // One at a time: the limit is counted without a gap.
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('user-keys:' || ${userId}::text, 0))::text`;
      if ((await tx.userKey.count({ where: { userId } })) >= USER_KEYS_MAX)
        throw new PublicError('LIMIT', { params: { limit: 'userKeys', value: USER_KEYS_MAX } });
      const data = { id: newId('ukey', deps.random), userId, ...key, createdAt: deps.clock.now() };
      return viewSshKey(await tx.userKey.create({ data }));
    });
  } catch (cause) {
    if (cause instanceof Prisma.PrismaClientKnownRequestError && cause.code === 'P2002')
      throw new PublicError('SSH_KEY_TAKEN', { fields: { publicKey: { code: 'taken' } }, cause });
    throw cause;
  }
}

/** The SSH door ends within a second what is open by it. @returns what it was. @throws PublicError NOT_FOUND */
export async function removeUserKey({ db }: Deps, userId: string, id: string) {
  const select = { name: true, type: true, fingerprint: true };
  const [key] = await db.$transaction([
    db.userKey.findFirst({ where: { id, userId }, select }),
    db.userKey.deleteMany({ where: { id, userId } }),
  ]);
  if (key === null) throw new PublicError('NOT_FOUND');
  return key;
}
