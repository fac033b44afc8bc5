import type { OrderOptions } from '../../../server/catalog/schema.ts';
import type { Draft } from './draft.ts';
import { defaults } from './orderable.ts';

/** An order that could be placed as it stands: with all keys of the account, or without any, by a password. */
export function freshDraft(options: OrderOptions, keyIds: string[]): Draft {
  return {
    ...defaults(options),
    name: options.suggestedName,
    hostname: '',
    virtio: true,
    deleteProtection: true,
    method: keyIds.length > 0 ? 'keys' : 'password',
    sshKeyIds: keyIds,
  };
}
