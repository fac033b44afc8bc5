/** The stack's database as its owner: to set the stage (a full host) and to doubt what the product says. */
import { Client } from 'pg';
import { stack } from './customer.ts';

export async function withDatabase<T>(work: (db: Client) => Promise<T>): Promise<T> {
  const db = new Client({ connectionString: stack.ownerUrl });
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}
