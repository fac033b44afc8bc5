/**
 * An order read against what may be ordered now. The form asks this before its confirm page, and the order
 * itself asks it again in its transaction: one set of rules.
 */
import { limitOf } from '../accounts/limits.ts';
import { pricesOn } from '../catalog/price.ts';
import { businessNow, civilDate } from '../clock.ts';
import type { Db, Tx } from '../db.ts';
import type { Deps } from '../deps.ts';
import { type FieldError, PublicError } from '../errors.ts';
import { zonesWithRoom } from '../hosts/capacity.ts';
import { loadSshKeys } from '../trpc/load.ts';
import { fieldsOf, readHostname, readServerName } from './name.ts';
import type { OrderInput } from './schema.ts';

export const nameTaken = (): PublicError => new PublicError('NAME_TAKEN', { fields: { name: { code: 'taken' } } });

/** Two took one name at the same time; the index is the last to say no. */
export const isNameTaken = (error: unknown): boolean =>
  /Server_name_open/.test(JSON.stringify((error as { meta?: unknown })?.meta ?? '') + String(error));

/**
 * Everything wrong with the fields is told at once; then what the account and the stock say.
 * @throws PublicError INPUT, NAME_TAKEN, LIMIT, NOT_FOUND, IMAGE_NOT_READY, NOT_POSSIBLE (reason `price-changed`)
 */
export async function readOrder(db: Db | Tx, deps: Pick<Deps, 'clock'>, accountId: string, input: OrderInput) {
  const names = {
    name: readServerName(input.name),
    // The name fits as a host name: it is the same letters.
    hostname: readHostname(input.hostname?.trim() || input.name),
  };
  const wrong: Record<string, FieldError> = fieldsOf(names);
  // A host name that was taken from the name has no field of its own.
  if (!names.name.ok && !input.hostname?.trim()) delete wrong.hostname;
  if (input.signIn.method === 'keys' && input.signIn.sshKeyIds.length === 0) wrong.signIn = { code: 'sign-in-method' };

  // One after the other: a transaction has one connection.
  const plan = await db.plan.findFirst({ where: { id: input.planId, active: true } });
  const image = await db.image.findUnique({ where: { id: input.imageId } });
  const zone = await db.zone.findUnique({ where: { id: input.zoneId } });
  if (!plan) wrong.planId = { code: 'choose' };
  if (!image) wrong.imageId = { code: 'choose' };
  if (!zone) wrong.zoneId = { code: 'choose' };
  if (!plan || !image || !zone || !names.name.ok || !names.hostname.ok || Object.keys(wrong).length > 0)
    throw new PublicError('INPUT', { fields: wrong });

  if (image.state !== 'ready') throw new PublicError('IMAGE_NOT_READY', { fields: { imageId: { code: 'choose' } } });
  if (plan.diskGiB < image.minDiskGiB || plan.memoryMiB < image.minMemoryMiB || (!input.virtio && !image.virtioOff)) {
    throw new PublicError('INPUT', {
      fields: { planId: { code: 'choose' } },
      detail: 'the image needs more than the plan has',
    });
  }
  const keys = input.signIn.method === 'keys' ? await loadSshKeys(db, accountId, input.signIn.sshKeyIds) : [];
  const servers = await db.server.findMany({ where: { accountId, deletedAt: null }, select: { name: true } });
  const limit = await limitOf(db, accountId, 'servers');
  const name = names.name.value;
  if (servers.length >= limit) throw new PublicError('LIMIT', { params: { limit: 'servers', value: limit } });
  if (servers.some((server) => server.name === name)) throw nameTaken();

  const today = await businessNow(db, deps.clock);
  const price = (await pricesOn(db, [plan.id], civilDate(today))).get(plan.id);
  if (!price)
    throw new PublicError('INPUT', { fields: { planId: { code: 'choose' } }, detail: 'the plan has no price' });
  // Nobody pays another price than the one beside the button.
  if (price.yenWithTax !== input.seenYenWithTax)
    throw new PublicError('NOT_POSSIBLE', { params: { reason: 'price-changed' } });
  return { plan, image, zone, keys, price, today, name, hostname: names.hostname.value };
}

/** Whether this order would be taken now; writes nothing. @throws as `readOrder`, and NO_CAPACITY */
export async function checkOrder(deps: Deps, accountId: string, input: OrderInput): Promise<void> {
  const { plan, zone } = await readOrder(deps.db, deps, accountId, input);
  const rooms = await zonesWithRoom(deps, [plan]);
  if (!rooms.get(plan.id)?.includes(zone.id))
    throw new PublicError('NO_CAPACITY', { params: { planId: plan.id, zoneId: zone.id } });
}
