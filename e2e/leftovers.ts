/** What the one checker of "nothing left over" says of one server: the machine itself against the rows. */
import { join } from 'node:path';
import { findViolations } from '../scripts/checker/check.ts';
import { readMachine } from '../scripts/checker/machine.ts';
import { stack } from './customer.ts';
import { withDatabase } from './database.ts';

export async function leftoversOf(serverId: string): Promise<string[]> {
  const machine = await readMachine(join(stack.data, 'agent'), stack.bridge);
  const found = await withDatabase((db) => findViolations(machine, db));
  return found.filter((sentence) => sentence.includes(serverId));
}
