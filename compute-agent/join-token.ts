/**
 * Where `join` has its token from: never from the command line, which every user of a machine may read as long as the
 * program runs, and which stays in the shell's history.
 */
import { createInterface } from 'node:readline';

type Input = NodeJS.ReadableStream & { isTTY?: boolean };

/** The variable, or else the first line of `input`, asked for where somebody sits before it. @throws Error without one */
export async function joinTokenFrom(env: Record<string, string | undefined>, input: Input): Promise<string> {
  const token = (env.TSUBO_JOIN_TOKEN ?? (await firstLine(input))).trim();
  if (token === '') throw new Error('join needs the token in TSUBO_JOIN_TOKEN, or as a line of standard input');
  return token;
}

async function firstLine(input: Input): Promise<string> {
  if (input.isTTY) process.stderr.write('Token: ');
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}
