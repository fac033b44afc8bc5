/**
 * The lines of every process's log, the rotated ones as well, that carry one of the ids in whichever field; and
 * those that name an operation's server while it was under way and no other operation: libvirt knows only that. Two
 * kinds of lines are no JSON and still belong to the story: libvirtd's own, which begin with their time, and the
 * words of a process that crashed, which get the time of the line before them.
 */
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Moment } from './moment.ts';
import { withoutSecretFields, withoutSecrets } from './secrets.ts';

const LOG = /\.log(\.\d+)?$/;
const LIBVIRT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\+0000: \d+: (\w+) : (.*)$/;
const OPERATION = /\bop_[a-z2-7]{16}\b/;
/** What a person does not read: they say nothing, or stand in their own column. */
const NOISE = new Set(['time', 'msg', 'level', 'process', 'pid', 'hostname']);

type Found = {
  moments: Moment[];
  /** Ids that the lines name beside: an error's request, an operation. */
  ids: Set<string>;
  /** What could not be read, in words. */
  gaps: string[];
};

/** A server while something was done to it. */
export type Span = { serverId: string; from: Date; to: Date | null };

export async function momentsInLogs(
  folder: string,
  ids: ReadonlySet<string>,
  spans: readonly Span[] = [],
): Promise<Found> {
  const found: Found = { moments: [], ids: new Set(), gaps: [] };
  for (const name of logFiles(folder, found.gaps)) {
    try {
      await readLog(join(folder, name), name.replace(LOG, ''), { ids: [...ids], spans }, found);
    } catch (error) {
      found.gaps.push(`${name} cannot be read: ${(error as Error).message}`);
    }
  }
  return found;
}

/** The older file of a process first. */
function logFiles(folder: string, gaps: string[]): string[] {
  try {
    const names = readdirSync(folder).filter((name) => LOG.test(name));
    return names.sort((a, b) => b.localeCompare(a));
  } catch {
    gaps.push(`there is no folder ${folder}: nothing of what the processes said`);
    return [];
  }
}

type Wanted = { ids: string[]; spans: readonly Span[] };

async function readLog(path: string, source: string, { ids, spans }: Wanted, found: Found): Promise<void> {
  let last = statSync(path).mtime;
  for await (const line of linesOf(path)) {
    const byId = ids.some((id) => line.includes(id));
    const span = byId ? undefined : spans.find(({ serverId }) => line.includes(serverId));
    // Only the time is needed of lines about others.
    if (!byId && (span === undefined || OPERATION.test(line))) {
      last = timeIn(line) ?? last;
      continue;
    }
    const moment = readLine(line, source, last);
    last = moment.at;
    if (span && (moment.at < span.from || (span.to !== null && moment.at > span.to))) continue;
    found.moments.push(moment);
    for (const [, id] of line.matchAll(/"(?:requestId|operationId)":"([\w-]+)"/g)) if (id) found.ids.add(id);
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function timeIn(line: string): Date | null {
  const json = /"time":"?([^",}]+)/.exec(line)?.[1];
  const libvirt = LIBVIRT.exec(line);
  const at = json !== undefined ? new Date(json) : libvirt ? new Date(`${libvirt[1]}T${libvirt[2]}Z`) : null;
  return at && !Number.isNaN(at.getTime()) ? at : null;
}

function readLine(line: string, source: string, before: Date): Moment {
  const libvirt = LIBVIRT.exec(line);
  if (libvirt) return { at: timeIn(line) ?? before, source, text: withoutSecrets(`${libvirt[3]}: ${libvirt[4]}`) };
  const entry = parse(line);
  if (entry === null) return { at: timeIn(line) ?? before, source, text: `(no whole line) ${withoutSecrets(line)}` };
  const at = new Date(entry.time as string | number);
  const dated = Number.isNaN(at.getTime()) ? before : at;
  const rest = withoutSecretFields(Object.fromEntries(Object.entries(entry).filter(([key]) => !NOISE.has(key))));
  const level = ['warn', 'error', 'fatal'].includes(String(entry.level)) ? `${String(entry.level).toUpperCase()} ` : '';
  return {
    at: entry.process === 'nginx' ? beginning(dated, entry.ms) : dated,
    source,
    text: withoutSecrets(`${level}${String(entry.msg ?? '')} ${JSON.stringify(rest)}`),
  };
}

/** nginx writes at a request's end, in whole seconds; it stands where it began, before what came of it. */
const beginning = (end: Date, seconds: unknown): Date => new Date(end.getTime() - (Number(seconds) || 0) * 1000);

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'time' in value ? { ...value } : null;
  } catch {
    return null;
  }
}
