import type { OrderOptions } from '../../../server/catalog/schema.ts';
import type { OrderInput } from '../../../server/servers/schema.ts';
import type { StoredOrder } from './draft.ts';

/** The draft as the server takes it; with the total that stands on the screen. */
export function orderRequest({ draft, clientKey }: StoredOrder, options: OrderOptions): OrderInput {
  return {
    clientKey,
    zoneId: draft.zoneId,
    planId: draft.planId,
    imageId: draft.imageId,
    name: draft.name,
    ...(draft.hostname.trim() === '' ? {} : { hostname: draft.hostname }),
    virtio: draft.virtio,
    deleteProtection: draft.deleteProtection,
    signIn: draft.method === 'password' ? { method: 'password' } : { method: 'keys', sshKeyIds: draft.sshKeyIds },
    seenYenWithTax: options.plans.find(({ id }) => id === draft.planId)?.yenWithTax ?? 0,
  };
}
