/**
 * What a person has chosen on the order page, kept in sessionStorage so that a reload or Back loses nothing.
 * It holds no secrets. One draft = one idempotency key: as long as its content stays the same, a double
 * click, Back and a second submit are the same order; another content gets another key.
 */
import type { FieldError } from '../../../server/errors.ts';

export interface Draft {
  zoneId: string;
  planId: string;
  imageId: string;
  name: string;
  hostname: string;
  virtio: boolean;
  deleteProtection: boolean;
  method: 'keys' | 'password';
  sshKeyIds: string[];
}

export interface StoredOrder {
  draft: Draft;
  /** Sent with the order. */
  clientKey: string;
  /** The content that `clientKey` stands for. */
  keyFor: string;
  /** The server that this order became. */
  serverId?: string | undefined;
  /** What the server said about the fields, shown when the person comes back to the form. */
  fields?: Record<string, FieldError> | undefined;
}

const storageKey = 'tsubo.order';

/** Stable text of a draft's content. */
function content(draft: Draft): string {
  return JSON.stringify([
    draft.zoneId,
    draft.planId,
    draft.imageId,
    draft.name,
    draft.hostname,
    draft.virtio,
    draft.deleteProtection,
    draft.method,
    draft.method === 'keys' ? [...draft.sshKeyIds].sort() : [],
  ]);
}

/** The stored order with this draft in it: the same key for the same content, else a new one. */
export function withDraft(previous: StoredOrder | null, draft: Draft, newKey: () => string): StoredOrder {
  const keyFor = content(draft);
  if (previous?.keyFor === keyFor) return { ...previous, draft, fields: undefined };
  return { draft, clientKey: newKey(), keyFor };
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false;
  const draft = value as Record<string, unknown>;
  return (
    ['zoneId', 'planId', 'imageId', 'name', 'hostname'].every((key) => typeof draft[key] === 'string') &&
    typeof draft.virtio === 'boolean' &&
    typeof draft.deleteProtection === 'boolean' &&
    (draft.method === 'keys' || draft.method === 'password') &&
    Array.isArray(draft.sshKeyIds) &&
    draft.sshKeyIds.every((id) => typeof id === 'string')
  );
}

/** What was stored, or null when there is nothing or it was written by another version. */
export function parseStored(text: string | null): StoredOrder | null {
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    if (value === null || !isDraft(value.draft)) return null;
    if (typeof value.clientKey !== 'string' || typeof value.keyFor !== 'string') return null;
    return value as unknown as StoredOrder;
  } catch {
    return null;
  }
}

/** Storage may be switched off in a browser: then the order still works, only a reload forgets it. */
let memory: StoredOrder | null = null;

export function loadOrder(): StoredOrder | null {
  try {
    return parseStored(window.sessionStorage.getItem(storageKey)) ?? memory;
  } catch {
    return memory;
  }
}

export function saveOrder(order: StoredOrder | null): void {
  memory = order;
  try {
    if (order === null) window.sessionStorage.removeItem(storageKey);
    else window.sessionStorage.setItem(storageKey, JSON.stringify(order));
  } catch {
    // Kept in memory, see above.
  }
}
