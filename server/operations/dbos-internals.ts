/**
 * What is asked of DBOS beyond its public interface: through its `internal/` export, from public members of its
 * classes, of the pinned version 5.3.0. The tests of the queue and of the slots say so when a newer one differs.
 */
import { randomUUID } from 'node:crypto';
import type { WorkflowQueue } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { INTERNAL_QUEUE_NAME } from '@dbos-inc/dbos-sdk/internal/utils';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import { workflowTimeoutConfig } from '@dbos-inc/dbos-sdk/internal/workflow_management';

/** Nothing of ours has a deadline of DBOS's, or comes by its own queue but what a start of this slot goes on with. */
const SELDOM_MS = 30_000;

/** Before the launch. */
export function sweepTimeoutsSeldom(): void {
  workflowTimeoutConfig.pollingIntervalMs = SELDOM_MS;
}

/** After the launch: the first poll, which finds what this slot had, stays at one second. */
export function pollInternalQueueSeldom(): void {
  const queue = wfQueueRunner.getInternalQueue(INTERNAL_QUEUE_NAME);
  if (queue) queue.minPollingIntervalMs = SELDOM_MS;
}

/**
 * What DBOS's own poll does (pollQueue in its wfqueue.js), at once. The two may meet: rows are claimed with SKIP LOCKED.
 * @returns whether this worker is full: then more may wait
 */
export async function takeQueued(queue: WorkflowQueue, version: string): Promise<boolean> {
  const executor = DBOSExecutor.globalInstance;
  if (!executor) return false;
  const { systemDatabase: rows, executorID } = executor;
  const owner = randomUUID();
  const running = rows.countRunningWorkflowsForQueue(queue.name);
  const ids = await rows.findAndMarkStartableWorkflows(queue, executorID, version, undefined, running, 0, owner);
  await executor.dispatchDequeuedWorkflows(ids, owner);
  return running + ids.length >= (queue.workerConcurrency ?? Number.POSITIVE_INFINITY);
}

/** Whether an execution of it is under way in this process. */
export const isRunningHere = (workflowId: string): boolean =>
  DBOSExecutor.globalInstance?.systemDatabase.checkForRunningWorkflow(workflowId) ?? false;
