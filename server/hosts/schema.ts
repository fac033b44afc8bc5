/** Staff's view of hosts and operations. */
import { z } from 'zod';
import { accelerator } from '../../compute-agent/contract/shapes.ts';
import { attentionReason, operationKind, operationState, operationView } from '../servers/schema.ts';

export const hostView = z.object({
  id: z.string(),
  name: z.string(),
  zone: z.object({ id: z.string(), nameJa: z.string(), nameEn: z.string() }),
  acceptsNew: z.boolean(),
  lastContactAt: z.iso.datetime().nullable(),
  /** Silent for more than 60 s, or never seen. */
  silent: z.boolean(),
  lastError: z.string().nullable(),
  servers: z.int(),
  /** Sold and what may be sold. */
  vcpu: z.object({ sold: z.int(), sellable: z.int(), physical: z.int() }),
  memoryMiB: z.object({ sold: z.int(), sellable: z.int(), physical: z.int() }),
  diskGiB: z.object({ sold: z.int(), sellable: z.int(), physical: z.int() }),
  versions: z.object({
    agent: z.string().nullable(),
    contract: z.int().nullable(),
    libvirt: z.string().nullable(),
    qemu: z.string().nullable(),
    kernel: z.string().nullable(),
  }),
  accelerator: accelerator.nullable(),
  lacks: z.array(z.string()),
  bootId: z.string().nullable(),
  /** expiring: fewer than 14 days are left, though renewal begins at two thirds of its life. */
  certificate: z.object({
    state: z.enum(['valid', 'expiring', 'expired', 'revoked', 'none']),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    /** Of the revocation. */
    reason: z.string().nullable(),
  }),
});
export type HostView = z.infer<typeof hostView>;

/** Staff see the customer's view of an operation and what the hosts said. */
export const staffOperationView = operationView.extend({
  accountId: z.string(),
  accountName: z.string(),
  hostName: z.string().nullable(),
  attempt: z.int(),
  errorDetail: z.string().nullable(),
  hostWords: z.array(z.object({ step: z.string(), at: z.iso.datetime().nullable(), word: z.string() })),
  canRetry: z.boolean(),
  canUndo: z.boolean(),
  /** A start whose guest was last seen running: undoing it would cut the power under somebody's work. */
  guestRuns: z.boolean(),
});
export type StaffOperationView = z.infer<typeof staffOperationView>;

/** A server that waits for a person, though no operation on it does. */
export const staffAttentionView = z.object({
  id: z.string(),
  name: z.string(),
  accountId: z.string(),
  accountName: z.string(),
  hostName: z.string(),
  /** The host answers nothing now: what is shown was said before. */
  hostSilent: z.boolean(),
  why: attentionReason,
  /** The host's last word, and since when it holds. */
  observed: z.object({ state: z.string(), reason: z.string(), since: z.iso.datetime().nullable() }),
  /** The newest that ended. */
  lastOperation: z
    .object({ id: z.string(), kind: operationKind, state: operationState, errorDetail: z.string().nullable() })
    .nullable(),
});
export type StaffAttentionView = z.infer<typeof staffAttentionView>;
