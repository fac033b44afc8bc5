/**
 * npm run -s explain ID: what the operator reads at 3 a.m. ID is an operation (op_…), a server, a request id or an
 * error id (E-…). Prints what is true now, and the request, the steps, what the agent and libvirt said, the events
 * and the audit, in the order in which they happened. Ends with 2 where there is nothing to tell.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readId } from './explain/ids.ts';
import { printMoment, tellStory } from './explain/story.ts';

const data = process.env.TSUBO_DATA ?? '/var/lib/tsubo';

function giveUp(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function databaseUrl(): string {
  if (process.env.TSUBO_OWNER_URL) return process.env.TSUBO_OWNER_URL;
  const file = join(data, 'etc/admin.env');
  const found = existsSync(file) ? readFileSync(file, 'utf8').match(/^DATABASE_URL=["']?([^"'\n]+)/m)?.[1] : undefined;
  return (
    found ?? giveUp(`No installation under ${data}: set TSUBO_DATA to its folder, or TSUBO_OWNER_URL to the database.`)
  );
}

const given = process.argv[2] ?? '';
if (given === '') giveUp('Usage: npm run -s explain ID   (an operation, a server, a request or an error id)');
const id = readId(given);
if (id === null)
  giveUp(`"${given}" is no id: give an operation (op_…), a server (10 letters), a request or an error id (E-…).`);

const { now, moments, gaps } = await tellStory(id, join(data, 'log'), databaseUrl());
for (const gap of gaps) process.stderr.write(`Missing: ${gap}\n`);
if (now.length + moments.length === 0) giveUp(`Nothing is known under ${id}, neither in the database nor in the logs.`);
for (const sentence of now) process.stdout.write(`${sentence}\n`);
if (now.length > 0) process.stdout.write('\n');
for (const moment of moments) process.stdout.write(printMoment(moment));
