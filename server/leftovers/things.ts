/** How many of each kind a server has, by what it is. This table is the rule; rules.ts reads it. */
import type { Kind } from './machine.ts';

/** From, to. */
type Count = readonly [number, number];

const none: Count = [0, 0];
const one: Count = [1, 1];
const perhaps: Count = [0, 1];
const any: Count = [0, Number.POSITIVE_INFINITY];
const some: Count = [1, Number.POSITIVE_INFINITY];

export type Condition = 'running' | 'off' | 'gone';

/** Gone: none, except where it says otherwise. */
export const counts: Record<Kind, { running: Count; off: Count; gone?: Count }> = {
  process: { running: one, off: none },
  disk: { running: one, off: one },
  // Taken away after the first boot.
  seed: { running: perhaps, off: perhaps },
  filter: { running: one, off: one },
  binding: { running: one, off: none },
  tap: { running: one, off: none },
  chain: { running: some, off: none },
  jump: { running: some, off: none },
  lease: { running: one, off: one },
  // The domain's own metadata is the truth.
  note: { running: perhaps, off: perhaps },
  run: { running: perhaps, off: perhaps },
  // A create that was undone, and then made: at an older generation (rules.ts).
  tombstone: { running: perhaps, off: perhaps, gone: perhaps },
  'serial folder': { running: one, off: one },
  // Away when the host booted since.
  'socket folder': { running: one, off: perhaps },
  // Serial, VNC, guest agent. libvirt leaves some behind until the next start.
  socket: { running: [3, 3], off: [0, 3] },
  definition: { running: one, off: one },
  'runtime file': { running: some, off: none },
  'saved memory': { running: none, off: perhaps },
  nvram: { running: none, off: none },
  autostart: { running: none, off: none },
  tpm: { running: none, off: none },
  cgroup: { running: any, off: none },
  staged: { running: none, off: none },
  temporary: { running: none, off: none },
  pool: { running: none, off: none },
  'address rule': { running: none, off: none },
  unknown: { running: none, off: none },
};

/** The kernel has one tree of these for all stacks of a machine: those of unknown servers are another stack's. */
export const shared: ReadonlySet<Kind> = new Set(['cgroup']);
