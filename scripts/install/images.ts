/** The images without which nothing works: the small OS image and the accelerator probe. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runProgram } from './program.ts';
import { StepError } from './step.ts';

export const CACHE = process.env.TSUBO_CACHE ?? '/var/cache/tsubo';

/** What a builder leaves in images/<name>.json. */
export const imageManifest = z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(1) });
export type ImageManifest = z.infer<typeof imageManifest>;

/** @throws StepError with the builder's last lines */
export async function buildImages(clone: string): Promise<ImageManifest> {
  for (const name of ['small', 'probe']) {
    const built = await runProgram({ command: join(clone, 'scripts/images', name, 'build'), args: [] });
    if (built.status !== 0) {
      const said = `${built.stdout}${built.stderr}`.trimEnd().split('\n').slice(-15).join('\n');
      throw new StepError(
        `scripts/images/${name}/build failed:\n${said}`,
        'See that apt-get can download, and that the cache folder has room (TSUBO_CACHE names another).',
      );
    }
  }
  return imageManifest.parse(JSON.parse(readFileSync(join(CACHE, 'images/small.json'), 'utf8')));
}
