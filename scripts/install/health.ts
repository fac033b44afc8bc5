/** Waiting until a process says that it is well, and is of the release that was put in place. */
import { existsSync, readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { pause } from './interruption.ts';
import type { Layout } from './layout.ts';
import { StepError } from './step.ts';

const LIMIT_MS = 90_000;
const ANSWER_MS = 5_000;

const answer = z.object({ ok: z.boolean(), release: z.string().nullish() });

export type Health = {
  ok: boolean;
  /** Null: it does not say (an older one, or not out of a build). */
  release: string | null;
  /** Why not ok, for people. */
  words: string;
};

/** Asks once. Never throws. */
export async function askHealth(url: string): Promise<Health> {
  try {
    const { status, body } = await get(url);
    const { ok, release = null } = answer.catch({ ok: false, release: null }).parse(jsonOf(body));
    return { ok: ok && status === 200, release, words: `${status} ${body.slice(0, 300).trim()}` };
  } catch (error) {
    return { ok: false, release: null, words: error instanceof Error ? error.message : String(error) };
  }
}

/** Always on the loopback: nginx's certificate bears the origin's name, and whose it is does not matter here. */
function get(url: string): Promise<{ status: number | undefined; body: string }> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  return new Promise((resolve, reject) => {
    const options = { agent: false, signal, rejectUnauthorized: false };
    const request = url.startsWith('https:') ? https.get(url, options) : http.get(url, options);
    request.once('error', reject).once('response', (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
  });
}

/** @throws StepError with the end of the process's log */
export async function untilHealthy(
  layout: Layout,
  name: string,
  url: string,
  release: string,
  limitMs = LIMIT_MS,
): Promise<void> {
  let last: Health;
  const end = performance.now() + limitMs;
  do {
    last = await askHealth(url);
    if (last.ok && last.release === release) return;
    await pause(150);
  } while (performance.now() < end);
  const log = join(layout.log, `${name}.log`);
  const trouble = last.ok ? `still answers as release ${last.release ?? 'unknown'}, not ${release}` : 'is not healthy';
  throw new StepError(
    `${name} ${trouble} after ${limitMs / 1000} s (${url}: ${last.words})\n\nThe end of ${log}:\n${tail(log, 20)}`,
    `Read ${log}. When the reason is gone, run this again.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tail(path: string, lines: number): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '(empty)';
}
