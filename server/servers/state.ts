/**
 * What people see, and what they may do, computed from what was asked (intended), what a host last said
 * (observed) and the operation under way. Everything that speaks about a server's state reads this file:
 * buttons and their reasons, the server's own checks before an operation, docs/states.md, the tests.
 *
 * Two rules stand behind the table:
 * - Silence is "unknown", never "stopped": nothing is decided on an observation that nobody renews.
 * - "Stopped" always means that starting will be tried when asked.
 */
import type { Intended, MemberRole, Observed } from '../generated/prisma/enums.ts';
import type { AttentionReason, Can, EffectiveState, OperationKindName, ReasonCode, ServerAction } from './schema.ts';

/** A host that said nothing for longer is silent. */
export const SILENT_AFTER_MS = 60_000;

export type ServerFacts = {
  intended: Intended;
  intendedDeleted: boolean;
  deletedAt: Date | null;
  needsAttention: string | null;
  deleteProtection: boolean;
  /** The open placement; null when there is no body and none is coming (a create that was undone). */
  placement: {
    observed: Observed;
    reason: string;
    /** When this host last answered anything; null: never. */
    hostContactAt: Date | null;
  } | null;
  /** The operation that holds a lock: queued, running or stuck. */
  operation: {
    kind: OperationKindName;
    state: 'queued' | 'running' | 'stuck';
    /** A stop or restart that has not yet got past waiting for the guest: it takes the signal to force. */
    takesForceSignal: boolean;
  } | null;
};

const whileRunning = {
  create: 'creating',
  start: 'starting',
  stop: 'shutting-down',
  restart: 'restarting',
  force_off: 'forcing-off',
  delete: 'deleting',
} as const satisfies Record<OperationKindName, EffectiveState>;

export const isSilent = (contactAt: Date | null, now: Date): boolean =>
  contactAt === null || now.getTime() - contactAt.getTime() > SILENT_AFTER_MS;

export function effectiveState(facts: ServerFacts, now: Date): EffectiveState {
  if (facts.deletedAt) return 'deleted';
  if (facts.operation)
    return facts.operation.state === 'stuck' ? 'needs-attention' : whileRunning[facts.operation.kind];
  if (facts.intendedDeleted) return 'deleting';
  if (!facts.placement) return 'create-failed';
  if (isSilent(facts.placement.hostContactAt, now)) return 'unknown';
  if (facts.needsAttention) return 'needs-attention';
  return observedAs(facts.placement.observed, facts.placement.reason, facts.intended);
}

function observedAs(observed: Observed, reason: string, intended: Intended): EffectiveState {
  switch (observed) {
    case 'running':
      return 'running';
    case 'off':
      return reason === 'guest-shutdown' && intended === 'running' ? 'stopped-by-guest' : 'stopped';
    // After an emulation failure QEMU lives on and libvirt says paused: a start that failed.
    case 'paused':
    case 'crashed':
    // Disk and addresses were promised to the customer; a body that is gone is nobody's wish.
    case 'absent':
      return 'needs-attention';
    case 'unknown':
      return 'unknown';
  }
}

/** Why a person must look; null where the state is another one than `needs-attention`. */
export const attentionOf = (facts: ServerFacts, now: Date): AttentionReason | null =>
  effectiveState(facts, now) === 'needs-attention' ? whyAttention(facts) : null;

/** What is wrong, also while the host is silent. What a host says now explains more than a mark of before. */
export function whyAttention({
  operation,
  placement,
  needsAttention: mark,
}: Pick<ServerFacts, 'operation' | 'placement' | 'needsAttention'>): AttentionReason {
  if (operation) return 'stuck';
  if (placement?.observed === 'absent') return 'absent';
  if (mark !== null) return mark === 'crash-loop' || mark === 'start-failed' ? mark : 'other';
  if (placement?.reason === 'failed-start') return 'start-failed';
  return placement?.observed === 'crashed' ? 'crashed' : 'paused';
}

/** What asking for an action leads to. */
export type Decision =
  | { do: 'run' }
  /** Tell the running stop or restart to cut the power. */
  | { do: 'signal' }
  /** Take over from the operation that holds the lock. */
  | { do: 'supersede' }
  | { do: 'refuse'; reason: ReasonCode };

const run = { do: 'run' } as const;
const supersede = { do: 'supersede' } as const;
const refuse = (reason: ReasonCode) => ({ do: 'refuse', reason }) as const;

type Row = Record<ServerAction, Decision>;
/** What changes the server's record only: no operation stands in its way. */
const settings = (decision: Decision) => ({ rename: decision, protect: decision });
const all = (reason: ReasonCode, but: Partial<Row> = {}): Row => ({
  start: refuse(reason),
  stop: refuse(reason),
  restart: refuse(reason),
  'force-off': refuse(reason),
  delete: refuse(reason),
  ...settings(run),
  ...but,
});

/**
 * The table. Two cells depend on the operation and are refined in `decide`: force off while a stop or
 * restart runs is a signal to it as long as it waits for the guest; what is stuck is staff's to untie.
 */
export const decisions: Record<EffectiveState, Row> = {
  creating: all('being-created'),
  'create-failed': all('create-failed', { delete: run }),
  running: {
    ...{ start: refuse('already-running'), stop: run, restart: run, 'force-off': run, delete: run },
    ...settings(run),
  },
  stopped: all('already-stopped', { start: run, delete: run }),
  'stopped-by-guest': all('already-stopped', { start: run, delete: run }),
  starting: all('operation-running', { 'force-off': supersede, delete: supersede }),
  'shutting-down': all('operation-running', { 'force-off': supersede, delete: supersede }),
  restarting: all('operation-running', { 'force-off': supersede, delete: supersede }),
  'forcing-off': all('operation-running', { delete: supersede }),
  deleting: all('being-deleted', settings(refuse('being-deleted'))),
  deleted: all('deleted', settings(refuse('deleted'))),
  unknown: all('state-unknown'),
  'needs-attention': all('needs-attention', { start: run, 'force-off': run, delete: run }),
};

export function decide(action: ServerAction, facts: ServerFacts, now: Date): Decision {
  const state = effectiveState(facts, now);
  const decision = decisions[state][action];
  // Of a create that was undone nothing is left that could be protected.
  const isProtected = facts.deleteProtection && state !== 'create-failed';
  if (action === 'delete' && decision.do !== 'refuse' && isProtected) return refuse('protected');
  if (!facts.operation || decision.do === 'refuse' || action === 'rename' || action === 'protect') return decision;
  if (facts.operation.state === 'stuck') return decideStuck(action, facts.operation.kind);
  return action === 'force-off' && facts.operation.takesForceSignal ? { do: 'signal' } : decision;
}

/** Where an operation gave up in the middle, only what ends in a known state may take over. */
function decideStuck(action: ServerAction, kind: OperationKindName): Decision {
  if (kind === 'delete') return refuse('being-deleted');
  if (action === 'delete') return supersede;
  if (action === 'force-off' && kind !== 'create') return supersede;
  return refuse('needs-attention');
}

const mayAct: ReadonlySet<MemberRole> = new Set<MemberRole>(['owner', 'operator']);

/** The answer that buttons and the server's own check share. */
export function canDo(action: ServerAction, facts: ServerFacts, role: MemberRole, now: Date): Can {
  if (!mayAct.has(role)) return { ok: false, reason: 'role', params: { role } };
  const decision = decide(action, facts, now);
  if (decision.do !== 'refuse') return { ok: true };
  const params =
    decision.reason === 'operation-running' && facts.operation ? { kind: facts.operation.kind } : undefined;
  return { ok: false, reason: decision.reason, ...(params && { params }) };
}
