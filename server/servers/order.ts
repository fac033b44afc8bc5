/**
 * An order. One transaction writes the server, its place, addresses, disk and interface, its subscription and
 * the operation that makes it real: it is either all there, or nothing is left over.
 */
import { randomInt, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { civilDate, toDateColumn } from '../clock.ts';
import type { Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { PublicError } from '../errors.ts';
import { LOCK_TIMEOUT, lockZone } from '../hosts/capacity.ts';
import { newId, serverId as newServerId } from '../ids.ts';
import { type Actor, findByKey, hashRequest, requestOperation } from '../operations/request.ts';
import { isNameTaken, nameTaken, readOrder } from './read-order.ts';
import { reserveBody } from './reserve.ts';
import type { OrderInput, orderOutput } from './schema.ts';
import { hashPassword } from './sha512-crypt.ts';

type OrderOutput = z.infer<typeof orderOutput>;

/**
 * @throws PublicError INPUT, KEY_REUSED, NAME_TAKEN, LIMIT, NOT_FOUND, IMAGE_NOT_READY, NO_CAPACITY, NO_ADDRESS,
 * NOT_POSSIBLE (reason `price-changed`), TOO_MANY_REQUESTS when too many others are before it
 */
export async function order(deps: Deps, accountId: string, actor: Actor, input: OrderInput): Promise<OrderOutput> {
  const { clientKey, ...request } = input;
  const client = { key: clientKey, hash: hashRequest(request) };
  try {
    return await deps.db.$transaction(async (tx) => {
      await lockOrders(tx, accountId);
      const before = await findByKey(tx, accountId, client);
      if (before?.serverId) return { serverId: before.serverId, operationId: before.id, password: null };
      const wanted = await readOrder(tx, deps, accountId, input);
      // 10 ms of hashing: only for an order that may be had, and while nobody but this account waits.
      const password = input.signIn.method === 'password' ? makePassword() : null;
      const passwordHash = password && hashPassword(password);
      await lockZone(tx, wanted.zone.id);
      const id = await writeServer(tx, deps, accountId, input, wanted, passwordHash);
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
    }, WITH_TWO_LOCKS);
  } catch (error) {
    // Between two accounts nothing can collide here; within one, a rename may take the name meanwhile.
    if (isNameTaken(error)) throw nameTaken();
    if (isLockTimeout(error))
      throw new PublicError('TOO_MANY_REQUESTS', { params: { retryAfterSeconds: RETRY_SECONDS }, cause: error });
    throw error;
  }
}

const RETRY_SECONDS = 5;
/** It may wait for the account and then for the zone, each up to LOCK_TIMEOUT. */
const WITH_TWO_LOCKS = { timeout: 10_000 };

/** One order of an account at a time: the limit, the name and the key are counted without a gap. */
async function lockOrders(tx: Tx, accountId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT set_config('lock_timeout', ${LOCK_TIMEOUT}, true),
      pg_advisory_xact_lock(hashtextextended('order:' || ${accountId}::text, 0))::text`;
}

/** Somebody held the account's or the zone's lock for too long. */
const isLockTimeout = (error: unknown): boolean =>
  /55P03|lock timeout/.test(JSON.stringify((error as { meta?: unknown })?.meta ?? '') + String(error));

async function writeServer(
  tx: Tx,
  deps: Deps,
  accountId: string,
  input: OrderInput,
  { plan, image, zone, keys, price, today, name, hostname }: Awaited<ReturnType<typeof readOrder>>,
  passwordHash: string | null,
): Promise<string> {
  const id = newServerId(deps.random);
  await tx.server.create({
    data: {
      id,
      accountId,
      name,
      hostname,
      zoneId: zone.id,
      planId: plan.id,
      imageId: image.id,
      domainUuid: randomUUID(),
      intended: 'running',
      virtio: input.virtio,
      deleteProtection: input.deleteProtection,
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
          orderedAt: today,
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
