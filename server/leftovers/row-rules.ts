/** Rules about the rows alone: what has not ended, what nobody works at, what is there twice. */
import type { Rows } from './rows.ts';
import type { Violation } from './violation.ts';

export function rowViolations(rows: Rows): Violation[] {
  const found: Violation[] = [];
  const say = (kind: string, id: string, sentence: string) => found.push({ kind, id, sentence });
  const workflows = rows.workflows;
  const unended = new Map(rows.operations.filter(({ state }) => isOpen(state)).map((one) => [one.id, one]));

  for (const { id, kind, state, openAttempts, runningSteps, openAudits } of rows.operations) {
    if (isOpen(state)) say('operation', id, `operation ${id} (${kind}) has not ended, and holds its locks: ${state}`);
    for (const attempt of openAudits)
      say('audit', id, `attempt ${attempt} of the operation ${id} has ended, and the audit log does not say so`);
    if (state === 'queued' || state === 'running') continue;
    for (const attempt of openAttempts)
      say('attempt', id, `attempt ${attempt} of the operation ${id} (${state}) has no end`);
    for (const name of runningSteps) say('step', id, `step ${name} of the operation ${id} (${state}) still runs`);
  }

  for (const { id, status } of workflows ?? [])
    if (!unended.has(operationOf(id)))
      say('workflow', id, `workflow ${id} is ${status}, and no operation waits for it`);
  if (workflows !== null)
    for (const { id, attempt, state } of unended.values())
      if (state !== 'stuck' && !workflows.some((workflow) => workflow.id === `${id}:${attempt}`))
        say('workflow', id, `operation ${id} is ${state}, and no workflow works at its attempt ${attempt}`);

  for (const { address, holds } of rows.doubleHolds) say('hold', address, `address ${address} is held ${holds} times`);

  const living = new Set(rows.servers.filter(({ alive }) => alive).map(({ id }) => id));
  for (const { hash, serverId, expired } of rows.tickets) {
    if (!living.has(serverId)) say('ticket', hash, `a ticket for the gone server ${serverId}`);
    else if (expired) say('ticket', hash, `a ticket for ${serverId} that has expired`);
  }
  for (const { id, serverId, stale } of rows.consoles) {
    if (!living.has(serverId)) say('console', id, `a console of the gone server ${serverId} is still open`);
    else if (stale) say('console', id, `a console of ${serverId} whose proxy is gone`);
  }
  for (const serverId of rows.screens)
    if (!living.has(serverId)) say('screen', serverId, `the last screen of the gone server ${serverId}`);
  return found;
}

/** Partial unique indexes keep its server's locks in these states. */
const isOpen = (state: string): boolean => ['queued', 'running', 'stuck'].includes(state);
/** A workflow's id is `<operation>:<attempt>`. */
const operationOf = (workflowId: string): string => workflowId.replace(/:\d+$/, '');
