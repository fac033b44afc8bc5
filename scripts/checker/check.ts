/** The checker for a real machine: its content (machine.ts) and the database's rows, by the one set of rules. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { readRows } from '../../server/leftovers/rows.ts';
import { findViolations } from '../../server/leftovers/rules.ts';
import { readMachine } from './machine.ts';

type Stack = { data: string; bridge: string; ownerUrl: string };

/** The services need a moment after the last request or blow: what is still wrong at the deadline is a violation. */
export async function settledViolations(stack: Stack, deadlineMs: number): Promise<string[]> {
  for (const until = Date.now() + deadlineMs; ; await sleep(2000)) {
    const found = await violationsNow(stack).catch((error: unknown) => [
      `the checker could not look: ${String(error)}`,
    ]);
    if (found.length === 0 || Date.now() > until) return found;
  }
}

/** What is wrong on the stack's machine at this moment, in sentences. */
export async function violationsNow(stack: Stack): Promise<string[]> {
  const db = new Client({ connectionString: stack.ownerUrl });
  await db.connect();
  try {
    const ask = async (sql: string) => (await db.query<{ answer: unknown }>(sql)).rows[0]?.answer;
    const machine = await readMachine(`${stack.data}/agent`, stack.bridge);
    return findViolations([machine], await readRows(ask, { dbos: true })).map(({ sentence }) => sentence);
  } finally {
    await db.end();
  }
}
