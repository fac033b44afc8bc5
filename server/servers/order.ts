/**
 * An order. One transaction writes the server, its place, addresses, disk and interface, its subscription and
 * the operation that makes it real: it is either all there, or nothing is left over.
 */
import { randomInt, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { limitOf } from '../accounts/limits.ts';
import { pricesOn } from '../catalog/price.ts';
import { businessNow, civilDate, toDateColumn } from '../clock.ts';
import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { newId, serverId as newServerId } from '../ids.ts';
import { type Actor, findByKey, hashRequest, requestOperation } from '../operations/request.ts';
import { loadSshKeys } from '../trpc/load.ts';
import { checkNames, readHostname, readServerName } from './name.ts';
import { reserveBody } from './reserve.ts';
import type { OrderInput, orderOutput } from './schema.ts';
import { hashPassword } from './sha512-crypt.ts';

type OrderOutput = z.infer<typeof orderOutput>;

/**
 * @throws PublicError INPUT, KEY_REUSED, NAME_TAKEN, LIMIT, NOT_FOUND, IMAGE_NOT_READY, NO_CAPACITY, NO_ADDRESS,
 * NOT_POSSIBLE (reason `price-changed`)
 */
export async function order(deps: Deps, accountId: string, actor: Actor, input: OrderInput): Promise<OrderOutput> {
  const { clientKey, ...request } = input;
  const client = { key: clientKey, hash: hashRequest(request) };
  const names = checkNames({
    name: readServerName(input.name),
    // The name fits as a host name: it is the same letters.
    hostname: readHostname(input.hostname?.trim() || input.name),
  });
  const password = input.signIn.method === 'password' ? makePassword() : null;
  // 10 ms of hashing, outside of the transaction.
  const passwordHash = password && hashPassword(password);
  try {
    return await deps.db.$transaction(async (tx) => {
      // One order of an account at a time: the limit, the name and the key are counted without a gap.
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`order:${accountId}`}, 0))::text`;
      const before = await findByKey(tx, accountId, client);
      if (before?.serverId) return { serverId: before.serverId, operationId: before.id, password: null };
      const id = await writeServer(tx, deps, accountId, input, names, passwordHash);
      await reserveBody(tx, deps, id);
      const operationId = await requestOperation(tx, deps, {
        kind: 'create',
        accountId,
        serverId: id,
        input: {},
        actor,
        client,
      });
      return { serverId: id, operationId, password };
    });
  } catch (error) {
    // Between two accounts nothing can collide here; within one, a rename may take the name meanwhile.
    if (/Server_name_open/.test(JSON.stringify((error as { meta?: unknown })?.meta ?? '') + String(error)))
      throw nameTaken();
    throw error;
  }
}

export const nameTaken = (): PublicError => new PublicError('NAME_TAKEN', { fields: { name: { code: 'taken' } } });

async function writeServer(
  tx: Tx,
  deps: Deps,
  accountId: string,
  input: OrderInput,
  names: { name: string; hostname: string },
  passwordHash: string | null,
): Promise<string> {
  const [plan, image, zone, keys, servers, limit] = [
    await tx.plan.findFirst({ where: { id: input.planId, active: true } }),
    await tx.image.findUnique({ where: { id: input.imageId } }),
    await tx.zone.findUnique({ where: { id: input.zoneId } }),
    input.signIn.method === 'keys' ? await loadSshKeys(tx, accountId, input.signIn.sshKeyIds) : [],
    await tx.server.findMany({ where: { accountId, deletedAt: null }, select: { name: true } }),
    await limitOf(tx, accountId, 'servers'),
  ];
  const missing = Object.entries({ planId: plan, imageId: image, zoneId: zone }).filter(([, row]) => row === null);
  if (!plan || !image || !zone) {
    throw new PublicError('INPUT', {
      fields: Object.fromEntries(missing.map(([field]) => [field, { code: 'choose' }])),
    });
  }
  if (image.state !== 'ready') throw new PublicError('IMAGE_NOT_READY', { fields: { imageId: { code: 'choose' } } });
  if (plan.diskGiB < image.minDiskGiB || plan.memoryMiB < image.minMemoryMiB || (!input.virtio && !image.virtioOff)) {
    throw new PublicError('INPUT', {
      fields: { planId: { code: 'choose' } },
      detail: 'the image needs more than the plan has',
    });
  }
  if (servers.length >= limit) throw new PublicError('LIMIT', { params: { limit: 'servers', value: limit } });
  if (servers.some((server) => server.name === names.name)) throw nameTaken();

  const today = await businessNow(tx, deps.clock);
  const price = (await pricesOn(tx, [plan.id], civilDate(today))).get(plan.id);
  if (!price)
    throw new PublicError('INPUT', { fields: { planId: { code: 'choose' } }, detail: 'the plan has no price' });
  // Nobody pays another price than the one beside the button.
  if (price.yenWithTax !== input.seenYenWithTax)
    throw new PublicError('NOT_POSSIBLE', { params: { reason: 'price-changed' } });

  const id = newServerId(deps.random);
  await tx.server.create({
    data: {
      id,
      accountId,
      ...names,
      zoneId: zone.id,
      planId: plan.id,
      imageId: image.id,
      domainUuid: randomUUID(),
      intended: 'running',
      virtio: input.virtio,
      passwordHash,
      sshKeys: keys.map((key) => key.publicKey),
      createdAt: deps.clock.now(),
      subscription: {
        create: {
          id: newId('sub', deps.random),
          accountId,
          planPriceId: price.planPriceId,
          state: 'active',
          startDate: toDateColumn(civilDate(today)),
          startedAt: today,
        },
      },
    },
  });
  return id;
}

/** 20 letters and digits without look-alikes: 115 bits, and easy to type on a console. */
function makePassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from({ length: 20 }, () => letters[randomInt(letters.length)]).join('');
}
