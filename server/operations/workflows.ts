/** The operations as DBOS workflows, and the queue from which all workers take them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Logger } from '../log.ts';
import { pollInternalQueueSeldom, sweepTimeoutsSeldom, takeQueued } from './dbos-internals.ts';
import type { Definition, OperationDeps } from './definition.ts';
import { definitions } from './definitions.ts';
import { listenToQueue } from './queue-listener.ts';
import { APPLICATION, QUEUE } from './request.ts';
import { type Durable, runOperation } from './run.ts';

/**
 * Fixed by hand: DBOS resumes a workflow only under the version it began with, and its default (a hash of the
 * code) would orphan running operations at each release. What may not go on under new code has a new name.
 */
const APPLICATION_VERSION = '1';
/** For what no NOTIFY told of. */
const POLL_MS = 5_000;
/** Per worker. Waiting for a guest holds a slot here (not on the host), so it is generous. */
const CONCURRENCY = 200;
const POOL_SIZE = 10;

/** Lists of steps that are not begun any more but have not drained. */
const draining: Definition[] = [];

let listening: Promise<void> | undefined;
let stopListening = new AbortController();

const durable: Durable = { step: (name, work) => DBOS.runStep(work, { name }) };

/**
 * Begins to take operations from the queue, and goes on with those that this slot had when it ended.
 * The schema is there already: migrations are a step of their own.
 */
export async function startWorkflows(
  deps: OperationDeps,
  options: { slot: string; databaseUrl: string; pollMs?: number },
): Promise<void> {
  DBOS.setConfig({
    name: APPLICATION,
    systemDatabaseUrl: lazily(options.databaseUrl),
    systemDatabaseSchemaName: 'dbos',
    systemDatabasePoolSize: POOL_SIZE,
    runMigrations: false,
    // For messages between workflows, of which there are none; its notifier would wake this process each 10 ms.
    useListenNotify: false,
    executorID: options.slot,
    applicationVersion: APPLICATION_VERSION,
    logger: loggerFor(deps.log),
  });
  for (const definition of [...Object.values(definitions), ...draining]) {
    DBOS.registerWorkflow((id: string, attempt: number) => runOperation(deps, durable, definition, id, attempt), {
      name: definition.workflow,
    });
  }
  sweepTimeoutsSeldom();
  await DBOS.launch();
  pollInternalQueueSeldom();
  const queue = await DBOS.registerQueue(QUEUE, {
    minPollingIntervalMs: options.pollMs ?? POLL_MS,
    workerConcurrency: CONCURRENCY,
    onConflict: 'always_update',
  });
  stopListening = new AbortController();
  listening = listenToQueue({
    url: options.databaseUrl,
    log: deps.log,
    look: () => takeQueued(queue, APPLICATION_VERSION),
    signal: stopListening.signal,
  });
}

/**
 * DBOS's records of steps need not wait for the disk: after a crash of PostgreSQL the last steps are made again.
 * What begins an operation (the request's transaction) and what ends it (ours) do wait.
 */
function lazily(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('options', '-c synchronous_commit=off');
  return url.href;
}

/** Nothing new is taken; what runs may end within the time, the rest is taken over. */
export async function stopWorkflows(graceMs: number): Promise<void> {
  stopListening.abort();
  // A look that waits for a database that is away has no end.
  await Promise.race([listening, sleep(1_000)]);
  await DBOS.shutdown({ workflowCompletionTimeoutMS: graceMs });
}

function loggerFor(log: Logger) {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (entry: unknown) => {
    if (entry instanceof Error) log[level]({ err: entry }, `dbos: ${entry.message}`);
    else log[level](`dbos: ${typeof entry === 'string' ? entry : JSON.stringify(entry)}`);
  };
  // DBOS's info is about each of its own starts: of no interest to operators.
  return { debug: () => {}, info: write('debug'), warn: write('warn'), error: write('error') };
}
