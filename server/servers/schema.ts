/** Inputs and answers of the `servers` router. Times are ISO 8601 strings in UTC; yen are whole. */
import { z } from 'zod';
import { hostKeys } from '../../compute-agent/contract/shapes.ts';
import { idText, text } from '../text.ts';

/**
 * What people see: computed from intended, observed and the current operation (state.ts).
 * The words of each are in the messages under `server.state.<value>`.
 */
export const effectiveStates = [
  'creating',
  'create-failed',
  'running',
  'stopped',
  /** Off, because the guest powered itself off. */
  'stopped-by-guest',
  'starting',
  'shutting-down',
  'restarting',
  'forcing-off',
  'deleting',
  'deleted',
  /** The host has been silent for over 60 s, or nothing was ever observed. */
  'unknown',
  'needs-attention',
] as const;
export const effectiveState = z.enum(effectiveStates);
export type EffectiveState = z.infer<typeof effectiveState>;

/** Why a person must look; words under `servers.attention.<value>`, for staff under `staff.attention.why.<value>`. */
export const attentionReason = z.enum([
  /** An operation gave up in the middle. */
  'stuck',
  /** Crashed again and again: it is not started any more. */
  'crash-loop',
  /** It should run, and could not be started. */
  'start-failed',
  /** Its host does not have it. */
  'absent',
  'crashed',
  /** By its host, and by nobody's wish. */
  'paused',
  /** A mark of a newer version. */
  'other',
]);
export type AttentionReason = z.infer<typeof attentionReason>;

export const serverActions = ['start', 'stop', 'restart', 'force-off', 'delete', 'rename', 'protect'] as const;
export const serverAction = z.enum(serverActions);
export type ServerAction = z.infer<typeof serverAction>;

/** Why an action is not possible now; words under `server.reason.<code>`. */
export const reasonCodes = [
  'already-running',
  'already-stopped',
  'being-created',
  'create-failed',
  'being-deleted',
  'deleted',
  'operation-running',
  'state-unknown',
  'needs-attention',
  'role',
  'protected',
] as const;
export const reasonCode = z.enum(reasonCodes);
export type ReasonCode = z.infer<typeof reasonCode>;

export const can = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: reasonCode, params: z.record(z.string(), z.string()).optional() }),
]);
export type Can = z.infer<typeof can>;

export const operationKinds = ['create', 'start', 'stop', 'restart', 'force_off', 'delete'] as const;
export const operationKind = z.enum(operationKinds);
export type OperationKindName = z.infer<typeof operationKind>;
export const operationState = z.enum(['queued', 'running', 'succeeded', 'failed', 'undone', 'stuck', 'superseded']);

/** What an operation does, one after the other; words under `operation.step.<name>`. */
export const stepNames = [
  /** Place, addresses, disk and interface are written down. */
  'reserve',
  'image',
  'disk',
  'network',
  'define',
  'start',
  'confirm',
  /** The power button is pressed once. */
  'ask',
  /** For the guest's own end. */
  'wait',
  /** The power is cut; skipped unless asked for. */
  'cut',
  /** From the operation that held the lock. */
  'takeover',
  'remove',
  'release',
] as const;
export type StepName = (typeof stepNames)[number];

export const stepView = z.object({
  /** One of `stepNames`; older operations may hold others. */
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'undone', 'skipped']),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});

/** Support tried an operation again, or undid it, on the customer's behalf. */
export const staffAct = z.object({
  act: z.enum(['retry', 'undo']),
  at: z.iso.datetime(),
  /** In support's own words; null where none was recorded. */
  reason: z.string().nullable(),
});

export const operationView = z.object({
  id: z.string(),
  kind: operationKind,
  state: operationState,
  serverId: z.string().nullable(),
  serverName: z.string().nullable(),
  steps: z.array(stepView),
  startedBy: z.object({ kind: z.enum(['user', 'staff', 'system']), name: z.string().nullable() }),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** Median seconds of the last 50 of this kind, or null below 5. */
  usualSeconds: z.number().nullable(),
  /** Set while it waits for the guest: when the waiting ends. */
  waitsUntil: z.iso.datetime().nullable(),
  /** Words under `operation.failure.<code>`: what did not happen, what is true, what was touched, what to do. */
  failure: z.object({ code: z.string(), params: z.record(z.string(), z.string()) }).nullable(),
  /** The oldest first. */
  staffActs: z.array(staffAct),
});
export type OperationView = z.infer<typeof operationView>;

export const serverView = z.object({
  id: z.string(),
  name: z.string(),
  hostname: z.string(),
  state: effectiveState,
  /** Set with `needs-attention`. */
  attention: attentionReason.nullable(),
  /** Since when this state holds, where known. */
  since: z.iso.datetime().nullable(),
  observedAt: z.iso.datetime().nullable(),
  stale: z.boolean(),
  ipv4: z.string().nullable(),
  ipv6: z.string().nullable(),
  loginUser: z.string(),
  /** The generated password itself is in the order's answer and nowhere else. */
  signIn: z.enum(['keys', 'password']),
  virtio: z.boolean(),
  /** SSH host keys in the words of ssh-keygen -l (SHA256:<sha256>), as the guest said them; empty until it has. */
  hostKeys: hostKeys.shape.fingerprints,
  plan: z.object({
    id: z.string(),
    nameJa: z.string(),
    nameEn: z.string(),
    vcpu: z.int(),
    memoryMiB: z.int(),
    diskGiB: z.int(),
  }),
  zone: z.object({ id: z.string(), nameJa: z.string(), nameEn: z.string() }),
  image: z.object({ id: z.string(), nameJa: z.string(), nameEn: z.string(), version: z.string() }),
  /** Of the present term, monthly, with tax. */
  monthlyYenWithTax: z.int(),
  /** null: no further term is sold: it was never delivered, or is given back. */
  nextRenewal: z.iso.date().nullable(),
  /** The last picture of its screen, at /api/servers/<id>/screen; null: none was taken yet. */
  screen: z.object({ takenAt: z.iso.datetime() }).nullable(),
  createdAt: z.iso.datetime(),
  /** While it is on, a delete is refused. */
  deleteProtection: z.boolean(),
  can: z.record(serverAction, can),
  /** Running, or ended within the last hour and worth a look (failed, stuck). */
  operation: operationView.nullable(),
});
export type ServerView = z.infer<typeof serverView>;

/** As it is written; what a name may be, name.ts says: 63 characters, of which an IME may write some wide. */
const nameText = text(200);

/** NFKC first, so that full-width letters from an IME are taken. */
export const serverName = z
  .string()
  .transform((s) => s.normalize('NFKC').trim().toLowerCase())
  .pipe(z.string().min(1).max(63));

export const orderInput = z.object({
  /** One per form: the same key and content is the same order. */
  clientKey: z.uuid(),
  zoneId: idText,
  planId: idText,
  imageId: idText,
  name: nameText,
  /** Empty: taken from the name. */
  hostname: nameText.optional(),
  virtio: z.boolean().default(true),
  /** While it is on, a delete is refused. */
  deleteProtection: z.boolean().default(true),
  signIn: z.discriminatedUnion('method', [
    z.object({ method: z.literal('keys'), sshKeyIds: z.array(idText).max(32) }),
    z.object({ method: z.literal('password') }),
  ]),
  /** The total that the person saw; refused if it changed meanwhile. */
  seenYenWithTax: z.int(),
});
export type OrderInput = z.infer<typeof orderInput>;

export const orderOutput = z.object({
  serverId: z.string(),
  operationId: z.string(),
  /** The generated password: in this answer and nowhere else. Null on a repeated request. */
  password: z.string().nullable(),
});

export const powerOutput = z.object({ operationId: z.string() });
export const restartInput = z.object({
  serverId: idText,
  /** What to do when the guest does not answer in time. */
  onTimeout: z.enum(['give-up', 'force-off']),
});
export const deleteInput = z.object({ serverId: idText, confirmName: nameText });
export const renameInput = z.object({ name: nameText });
