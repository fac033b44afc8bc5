/** What an installation is made of: the images, and the build of this clone. Both are found when they are there. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildImages } from './images.ts';
import type { Prepared } from './install.ts';
import { CLONE } from './layout.ts';
import { type Step, StepError } from './step.ts';

export async function prepare(step: Step): Promise<Prepared> {
  const image = await step('build the images', async () => buildImages(CLONE));
  const said = await step(
    'build the panel',
    async () => build(),
    (words) => words,
  );
  return { image, digest: said.split(' ')[0]! };
}

/** @returns "<digest> built" or "<digest> unchanged" */
function build(): string {
  const built = spawnSync(process.execPath, [join(CLONE, 'scripts/build.ts')], { encoding: 'utf8' });
  if (built.status !== 0) {
    throw new StepError(
      `the build failed:\n${built.stderr.trimEnd()}`,
      'git status shows what was changed; npm run check says more.',
    );
  }
  return built.stdout.trim();
}
