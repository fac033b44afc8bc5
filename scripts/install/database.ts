/**
 * The database as its owner: there, and with what migrations need. Tsubo's own cluster fulfils all of it; of an
 * operator's PostgreSQL (DATABASE_URL) it is asked before anything is changed, and what is missing is said as SQL.
 */
import { Client, DatabaseError } from 'pg';
import { pause } from './interruption.ts';
import { StepError } from './step.ts';

/** Its own may have to recover after a power cut; a foreign one is there or not. */
const OWN_MS = 60_000;
const FOREIGN_MS = 10_000;
const CONNECT_MS = 5_000;
/** public belongs to the database's owner from then on. */
const OLDEST = 15;

const NO_DATABASE = '3D000';
/** Starting up, shutting down, recovering. */
const NOT_YET = '57P03';

/** Waits until PostgreSQL answers, makes the database where there is none. @throws StepError */
export async function ensureDatabase(url: string, own: boolean): Promise<void> {
  const limitMs = own ? OWN_MS : FOREIGN_MS;
  let last: unknown;
  for (const end = performance.now() + limitMs; performance.now() < end; await pause(200)) {
    try {
      await withClient(url, own ? async () => {} : requireRights);
      return;
    } catch (error) {
      if (error instanceof StepError) throw error;
      last = error;
      if (!(error instanceof DatabaseError) || error.code === NOT_YET) continue;
      if (error.code !== NO_DATABASE) throw refused(url, error);
      await createDatabase(url);
    }
  }
  throw new StepError(
    `PostgreSQL at ${new URL(url).host} does not answer: ${last instanceof Error ? last.message : last}`,
    own
      ? 'Read log/postgres.log in the data folder. Is another program using the port? Choose one with TSUBO_PG_PORT.'
      : 'Correct DATABASE_URL, or start that PostgreSQL, then run this again.',
  );
}

async function createDatabase(url: string): Promise<void> {
  const { pathname, username } = new URL(url);
  const database = decodeURIComponent(pathname.slice(1));
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  try {
    await withClient(maintenance.href, async (client) => {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
    });
  } catch (error) {
    throw new StepError(
      `The database ${database} does not exist, and cannot be created: ${error instanceof Error ? error.message : error}`,
      `As a superuser of that PostgreSQL: CREATE DATABASE "${database}" OWNER "${decodeURIComponent(username)}";`,
      { cause: error },
    );
  }
}

type Rights = { version: number; database: string; role: string; owner: boolean; createrole: boolean };

async function requireRights(client: Client): Promise<void> {
  const { rows } = await client.query<Rights>(
    `SELECT current_setting('server_version_num')::int / 10000 AS version, d.datname AS database, r.rolname AS role,
       r.rolsuper OR pg_has_role(d.datdba, 'USAGE') AS owner, r.rolsuper OR r.rolcreaterole AS createrole
     FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`,
  );
  const { version, database, role, owner, createrole } = rows[0]!;
  if (version < OLDEST)
    throw new StepError(
      `DATABASE_URL is a PostgreSQL ${version}; Tsubo needs ${OLDEST} or newer.`,
      'Upgrade it first.',
    );
  const lacking = [
    ...(owner
      ? []
      : [{ what: `own the database ${database}`, sql: `ALTER DATABASE "${database}" OWNER TO "${role}";` }]),
    // Each process has a role of its own: tsubo_app, tsubo_worker, tsubo_proxy, tsubo_gateway.
    ...(createrole ? [] : [{ what: 'create roles', sql: `ALTER ROLE "${role}" CREATEROLE;` }]),
  ];
  if (lacking.length > 0)
    throw new StepError(
      `The role ${role} of DATABASE_URL may not ${lacking.map(({ what }) => what).join(', and may not ')}.`,
      `As a superuser of that PostgreSQL: ${lacking.map(({ sql }) => sql).join(' ')}`,
    );
}

const refused = (url: string, error: Error): StepError =>
  new StepError(
    `PostgreSQL at ${new URL(url).host} refuses: ${error.message}`,
    'Correct DATABASE_URL (its role, its password, its database), then run this again.',
    { cause: error },
  );

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
