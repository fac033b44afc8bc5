/**
 * The place of each call within its operation's generation, as hosts compare it (compute-agent/contract/shapes.ts):
 * forward with the steps, and each undo behind all that went forward and behind the undo before it. So once a worker
 * has called the host from one step, another execution that sleeps in an earlier one finds itself refused.
 *
 * Every step has two places: what only prepares its goal calls from the lower one, so that two executions of the
 * same step cannot do it once more after the goal is reached.
 */
const STEPS_MAX = 100;

export function stepOrder(seq: number, direction: 'forward' | 'undo'): { preparing: number; reaching: number } {
  if (seq >= STEPS_MAX) throw new Error(`an operation has less than ${STEPS_MAX} steps`);
  const place = 2 * (direction === 'forward' ? seq : 2 * STEPS_MAX - seq);
  return { preparing: place, reaching: place + 1 };
}
