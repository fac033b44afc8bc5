/** What an installation is made of: the images, and the build of this clone. Both are found when they are there. */
import { join } from 'node:path';
import { buildImages } from './images.ts';
import type { Prepared } from './install.ts';
import { CLONE } from './layout.ts';
import { runProgram } from './program.ts';
import { type Step, StepError } from './step.ts';

export async function prepare(step: Step): Promise<Prepared> {
  const image = await step('build the images', () => buildImages(CLONE));
  const said = await step('build the panel', build, (words) => words);
  return { image, digest: said.split(' ')[0]! };
}

/** @returns "<digest> built" or "<digest> unchanged" */
async function build(): Promise<string> {
  const built = await runProgram({ command: process.execPath, args: [join(CLONE, 'scripts/build.ts')] });
  if (built.status !== 0) {
    throw new StepError(
      `the build failed:\n${built.stderr.trimEnd()}`,
      'git status shows what was changed; npm run check says more.',
    );
  }
  return built.stdout.trim();
}
