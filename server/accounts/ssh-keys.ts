/** An account's public keys: what is put into its guests. */
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { emit } from '../events/emit.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import { limitOf } from './limits.ts';
import { parsePastedKey, type SshKeyView, viewSshKey } from './pasted-key.ts';
import type { sshKeyAdd } from './schema.ts';

export async function listSshKeys({ db }: Deps, accountId: string): Promise<SshKeyView[]> {
  const keys = await db.sshKey.findMany({ where: { accountId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
  return keys.map(viewSshKey);
}

/** @throws PublicError INPUT, SSH_KEY_TAKEN, LIMIT */
export async function addSshKey(deps: Deps, accountId: string, input: z.infer<typeof sshKeyAdd>): Promise<SshKeyView> {
  const key = parsePastedKey(input);
  const at = deps.clock.now();
  try {
    return await deps.db.$transaction(async (tx) => {
      // One at a time: the limit is counted without a gap.
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('ssh-keys:' || ${accountId}::text, 0))::text`;
      const limit = await limitOf(tx, accountId, 'sshKeys');
      if ((await tx.sshKey.count({ where: { accountId } })) >= limit)
        throw new PublicError('LIMIT', { params: { limit: 'sshKeys', value: limit } });
      const data = { id: newId('key', deps.random), accountId, ...key, createdAt: at };
      const added = await tx.sshKey.create({ data });
      await emit(tx, { accountId, subject: `account:${accountId}`, kind: 'ssh-key-added', at });
      return viewSshKey(added);
    });
  } catch (cause) {
    if (cause instanceof Prisma.PrismaClientKnownRequestError && cause.code === 'P2002')
      throw new PublicError('SSH_KEY_TAKEN', { fields: { publicKey: { code: 'taken' } }, cause });
    throw cause;
  }
}

/** Guests that have the key keep it. @throws PublicError NOT_FOUND */
export async function removeSshKey(deps: Deps, accountId: string, id: string): Promise<void> {
  await deps.db.$transaction(async (tx) => {
    const { count } = await tx.sshKey.deleteMany({ where: { id, accountId } });
    if (count === 0) throw new PublicError('NOT_FOUND');
    const at = deps.clock.now();
    await emit(tx, { accountId, subject: `account:${accountId}`, kind: 'ssh-key-removed', at });
  });
}
