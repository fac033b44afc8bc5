/** The checker for a real machine: its content (machine.ts) and the database's rows, by the one set of rules. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Machine } from '../../server/leftovers/machine.ts';
import { readRows } from '../../server/leftovers/rows.ts';
import { findViolations as hold } from '../../server/leftovers/rules.ts';
import { readMachine } from './machine.ts';

/** Sentences. `db`: as the database's owner. */
export async function findViolations(machine: Machine, db: Client): Promise<string[]> {
  const ask = async (sql: string) => (await db.query<{ answer: unknown }>(sql)).rows[0]?.answer;
  return hold([machine], await readRows(ask, { dbos: true })).map(({ sentence }) => sentence);
}

/**
 * What is wrong on the stack's machine now. The services need a moment after the last request: what is still wrong at
 * the deadline is a violation.
 */
export async function settledViolations(
  stack: { data: string; bridge: string; ownerUrl: string },
  deadlineMs: number,
): Promise<string[]> {
  for (const until = Date.now() + deadlineMs; ; await sleep(2000)) {
    const found = await look(stack).catch((error: unknown) => [`the checker could not look: ${String(error)}`]);
    if (found.length === 0 || Date.now() > until) return found;
  }
}

async function look(stack: { data: string; bridge: string; ownerUrl: string }): Promise<string[]> {
  const db = new Client({ connectionString: stack.ownerUrl });
  await db.connect();
  try {
    return await findViolations(await readMachine(`${stack.data}/agent`, stack.bridge), db);
  } finally {
    await db.end();
  }
}
