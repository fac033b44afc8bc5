/**
 * From libvirt's states, reasons and events to ours. Three that are easy to get wrong:
 * - `paused (unknown)` is a failed start: after an emulation failure QEMU stays alive (host.md 2);
 * - `paused (starting up)` is no longer off: libvirtd will have it running in a moment, whoever asked for that, so
 *   what takes the power away must do so here as well. It is `paused (booted)`: not yet running, nothing to resume;
 * - `shut off (unknown)` is all that libvirtd knows of a domain since its own start: `unknown` here, and what
 *   the agent remembers of its last run decides (runs.ts).
 */
import type { ObservedReason, ObservedState } from '../contract/shapes.ts';
import { DomainState } from '../libvirt/api.ts';
import { LifecycleEventType, ShutoffReason, StoppedDetail } from '../libvirt/lifecycle.ts';

export interface Seen {
  state: Exclude<ObservedState, 'absent'>;
  /** unknown: libvirtd does not remember how it went off. */
  reason: ObservedReason | 'unknown';
}

/** virDomainPausedReason, those that mean something to us. */
const Paused = { unknown: 0, crashed: 10, startingUp: 11, shuttingDown: 8 } as const;

const offReasons: Record<number, ObservedReason | 'unknown'> = {
  [ShutoffReason.unknown]: 'unknown',
  [ShutoffReason.shutdown]: 'guest-shutdown',
  [ShutoffReason.destroyed]: 'destroyed',
  [ShutoffReason.crashed]: 'crashed',
  [ShutoffReason.migrated]: 'none',
  [ShutoffReason.saved]: 'saved',
  [ShutoffReason.failed]: 'failed-start',
  [ShutoffReason.fromSnapshot]: 'none',
  // libvirtd's own doing, while it could not reach the guest's QEMU any more.
  [ShutoffReason.daemon]: 'crashed',
};

export function seenFromState({ state, reason }: { state: number; reason: number }): Seen {
  switch (state) {
    case DomainState.running:
    case DomainState.blocked:
    // On its way down: it still runs until libvirt says that it is off.
    case DomainState.shutdown:
    case DomainState.pmsuspended:
      return { state: 'running', reason: 'booted' };
    case DomainState.paused:
      if (reason === Paused.unknown) return { state: 'paused', reason: 'failed-start' };
      if (reason === Paused.crashed) return { state: 'crashed', reason: 'crashed' };
      if (reason === Paused.startingUp) return { state: 'paused', reason: 'booted' };
      if (reason === Paused.shuttingDown) return { state: 'running', reason: 'booted' };
      return { state: 'paused', reason: 'none' };
    case DomainState.crashed:
      return { state: 'crashed', reason: 'crashed' };
    default:
      return { state: 'off', reason: offReasons[reason] ?? 'unknown' };
  }
}

/**
 * What a lifecycle event alone says; null where the domain has to be asked, because the event does not tell
 * (a stop that `failed` is a start that failed or a QEMU that died; a pause has many reasons).
 */
export function seenFromEvent(event: number, detail: number): Seen | 'absent' | null {
  if (event === LifecycleEventType.undefined) return 'absent';
  if (event === LifecycleEventType.started || event === LifecycleEventType.resumed) {
    return { state: 'running', reason: 'booted' };
  }
  if (event === LifecycleEventType.stopped) {
    if (detail === StoppedDetail.shutdown) return { state: 'off', reason: 'guest-shutdown' };
    if (detail === StoppedDetail.destroyed) return { state: 'off', reason: 'destroyed' };
    if (detail === StoppedDetail.crashed) return { state: 'off', reason: 'crashed' };
    if (detail === StoppedDetail.saved) return { state: 'off', reason: 'saved' };
  }
  return null;
}
