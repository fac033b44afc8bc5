/** What a stack needs from outside of its namespaces: images (Debian's mirror) and the build. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildImages } from '../install/images.ts';
import { CLONE } from '../install/layout.ts';
import { explainFailure } from '../install/step.ts';

try {
  buildImages(CLONE);
} catch (error) {
  process.stderr.write(explainFailure(error));
  process.exit(70);
}
const built = spawnSync(process.execPath, [join(CLONE, 'scripts/build.ts')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
process.exit(built.status === 0 ? 0 : 70);
