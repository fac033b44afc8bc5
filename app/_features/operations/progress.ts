import type { OperationView } from '../../../server/servers/schema.ts';

type Steps = OperationView['steps'];

/** The step that is being done (or that it stopped at), and its place among those that are needed. */
export function currentStep(steps: Steps): { step: Steps[number]; n: number; total: number } | null {
  const needed = steps.filter((step) => step.state !== 'skipped');
  const index = needed.findIndex((step) => step.state === 'running' || step.state === 'failed');
  const at = index === -1 ? needed.findIndex((step) => step.state === 'waiting') : index;
  const step = needed[at];
  return step === undefined ? null : { step, n: at + 1, total: needed.length };
}

/** Seconds from acceptance to the end. */
export function secondsTaken(operation: Pick<OperationView, 'createdAt' | 'endedAt'>): number | null {
  if (operation.endedAt === null) return null;
  return Math.max(0, (Date.parse(operation.endedAt) - Date.parse(operation.createdAt)) / 1000);
}

/** Over twice the usual time: said, so that nobody wonders. */
export function isSlow(operation: Pick<OperationView, 'createdAt' | 'usualSeconds'>, nowMs: number): boolean {
  if (operation.usualSeconds === null) return false;
  return (nowMs - Date.parse(operation.createdAt)) / 1000 > 2 * operation.usualSeconds;
}
