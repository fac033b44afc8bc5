/**
 * Which of the living workers does what only one needs to do (watch a host, reconcile). No lock is held: each
 * worker computes the same answer from the heartbeats, and for a moment two may do the same, which everything
 * here bears. A frozen worker loses its share as soon as its heartbeat is old.
 */
import { createHash } from 'node:crypto';

/** Rendezvous hashing: when a slot comes or goes, only its own share moves. */
export function holderOf(duty: string, slots: readonly string[]): string | undefined {
  const weight = (slot: string) => createHash('sha256').update(`${slot}\n${duty}`).digest('hex');
  return [...slots].sort((a, b) => (weight(a) < weight(b) ? 1 : -1))[0];
}
