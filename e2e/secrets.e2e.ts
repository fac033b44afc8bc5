/** After all the others: what the run's secrets left behind where no secret may be. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { explain } from './explain.ts';
import { notedSecrets } from './secrets.ts';

/** Everything that was secret in this run, by what it is. */
async function secretsOfTheRun(): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  const add = (what: string, secret: string | null | undefined) => {
    // Shorter ones would be found by chance.
    if (secret && secret.length >= 8) secrets.set(secret, what);
  };
  for (const secret of notedSecrets()) add('a password or session of a spec', secret);
  for (const typed of ['correct horse battery', 'a much longer password', 'certainly not this'])
    add('a password that a spec typed', typed);
  add("staff's password", stack.staff.password);
  await withDatabase(async (db) => {
    const all = async (what: string, sql: string) => {
      for (const row of (await db.query(sql)).rows) add(what, row.secret);
    };
    await all('a session token', `SELECT token AS secret FROM "Session"`);
    await all("a user's password hash", `SELECT password AS secret FROM "Credential"`);
    await all("a server's password hash", `SELECT "passwordHash" AS secret FROM "Server"`);
  });
  for (const name of readdirSync(join(stack.data, 'etc')).filter((file) => file.endsWith('.env'))) {
    const text = readFileSync(join(stack.data, 'etc', name), 'utf8');
    add(`etc/${name}: session signing`, /^BETTER_AUTH_SECRET=["']?([^"'\n]+)/m.exec(text)?.[1]);
    add(`etc/${name}: database password`, /:\/\/[^:/]+:([^@\n]+)@/.exec(text)?.[1]);
  }
  for (const folder of ['pki', 'agent'])
    for (const name of readdirSync(join(stack.data, folder)).filter((file) => file.endsWith('.key')))
      add(`${folder}/${name}`, readFileSync(join(stack.data, folder, name), 'utf8').split('\n')[1]);
  return secrets;
}

function* filesUnder(folder: string): Generator<string> {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (statSync(path).isFile()) yield path;
  }
}

test('no secret of the run stands in a log, in what the database keeps of operations, audit and events, or in explain', async () => {
  const secrets = await secretsOfTheRun();
  expect([...secrets.values()].join()).toMatch(/session signing/);
  const found: string[] = [];
  const search = (where: string, text: string) => {
    for (const [secret, what] of secrets) if (text.includes(secret)) found.push(`${where}: ${what}`);
  };
  // The search itself finds each of them where it stands.
  search('here', [...secrets.keys()].join('\n'));
  expect(found.splice(0)).toHaveLength(secrets.size);
  let bytes = 0;
  for (const folder of [join(stack.data, 'log'), '/var/log/libvirt'])
    for (const path of filesUnder(folder)) {
      const text = readFileSync(path, 'utf8');
      bytes += text.length;
      search(path, text);
    }
  expect(bytes).toBeGreaterThan(10_000);

  await withDatabase(async (db) => {
    const durable = (
      await db.query(
        `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'dbos'
         UNION ALL SELECT format('public.%I', t) FROM unnest(ARRAY['Operation', 'OperationStep', 'OperationAttempt',
           'Audit', 'Event', 'Outbox', 'Placement']) t`,
      )
    ).rows;
    expect(durable.length).toBeGreaterThan(8);
    for (const { name } of durable) {
      const { rows } = await db.query(`SELECT t::text AS text FROM ${name} t`);
      search(`table ${name}`, rows.map((row) => row.text).join('\n'));
    }
  });

  // Nor does explain tell one, which puts both together.
  const latest = `SELECT id FROM "Operation" WHERE kind = 'create' ORDER BY "createdAt" DESC LIMIT 3`;
  for (const { id } of (await withDatabase((db) => db.query(latest))).rows) {
    const { told, said } = await explain(id);
    expect(told).toContain(id);
    search(`explain ${id}`, told + said);
  }
  expect([...new Set(found)]).toEqual([]);
});
