/**
 * Everything about one id in the order in which it happened. The database knows what belongs together and the logs
 * what was said; an error id stands in a log alone, so its line leads to the request and on to the rows.
 */
import { Client, types } from 'pg';
import { momentsInLogs } from './logs.ts';
import type { Moment } from './moment.ts';
import { momentsInDatabase } from './rows.ts';

export type Story = {
  /** What is true now. */
  now: string[];
  moments: Moment[];
  /** What could not be read. */
  gaps: string[];
};

export async function tellStory(id: string, logFolder: string, databaseUrl: string): Promise<Story> {
  const gaps: string[] = [];
  const asked = new Set([id]);
  if (/^E-/.test(id)) for (const other of (await momentsInLogs(logFolder, asked)).ids) asked.add(other);

  const rows = await readRows(databaseUrl, asked).catch((error: Error) => {
    gaps.push(`the database does not answer (${error.message || error.name}): only what the logs hold`);
    return { now: [], moments: [], ids: asked, spans: [] };
  });
  const logs = await momentsInLogs(logFolder, rows.ids, rows.spans);
  const rank = (moment: Moment) => (moment.source === 'nginx' ? 0 : 1);
  return {
    now: rows.now,
    moments: [...rows.moments, ...logs.moments].sort((a, b) => a.at.getTime() - b.at.getTime() || rank(a) - rank(b)),
    gaps: [...gaps, ...logs.gaps],
  };
}

/** Columns hold UTC without saying so; the driver would take it for this machine's own time. */
const utc: typeof types = {
  ...types,
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === types.builtins.TIMESTAMP
      ? (text: string) => new Date(`${text.replace(' ', 'T')}Z`)
      : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

async function readRows(databaseUrl: string, asked: ReadonlySet<string>) {
  const db = new Client({ connectionString: databaseUrl, types: utc, connectionTimeoutMillis: 5_000 });
  await db.connect();
  try {
    return await momentsInDatabase(db, asked);
  } finally {
    await db.end();
  }
}

export const printMoment = ({ at, source, text }: Moment): string =>
  `${at.toISOString()}  ${source.padEnd(10)} ${text.trimEnd()}\n`;
