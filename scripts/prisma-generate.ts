/**
 * Writes the database client to server/generated/prisma.
 *
 * Prisma's CLI wants to download its schema engine even for `generate`, which does not use it. A fake one
 * keeps it quiet. The variable must never be set for anything else: with it `migrate` and `db push` do
 * nothing and end with success.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const result = spawnSync(process.execPath, [join(root, 'node_modules/prisma/build/index.js'), 'generate'], {
  cwd: root,
  encoding: 'utf8',
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  },
});
if (result.status !== 0) {
  process.stderr.write(`${result.stdout}${result.stderr}\nprisma generate failed.\n`);
  process.exit(1);
}
