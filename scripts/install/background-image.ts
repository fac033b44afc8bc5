/** One run of an image's builder, whose words go to our log as they come. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CACHE, type ImageManifest, imageManifest } from './images.ts';

/** Of what it said: the end, where the reason stands. */
const WORDS_MAX = 2_000;

/**
 * @param builder …/<name>/build, which leaves images/<name>.json in the cache
 * @returns the image, or in its own words why there is none
 */
export async function buildImage(builder: string): Promise<ImageManifest | { problem: string }> {
  let said = '';
  const status = await new Promise<number | NodeJS.Signals | Error>((resolve) => {
    const child = spawn(builder, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        process.stderr.write(chunk);
        said = `${said}${chunk}`.slice(-WORDS_MAX);
      });
    child.once('error', resolve).once('close', (code, signal) => resolve(code ?? (signal as NodeJS.Signals)));
  });
  if (status !== 0) {
    const end = status instanceof Error ? status.message : `it ended with ${status}`;
    return { problem: `${said}${end}`.trim() };
  }
  const name = basename(dirname(builder));
  try {
    return imageManifest.parse(JSON.parse(readFileSync(join(CACHE, `images/${name}.json`), 'utf8')));
  } catch (error) {
    return { problem: `${said}what it left cannot be read: ${error instanceof Error ? error.message : error}` };
  }
}
