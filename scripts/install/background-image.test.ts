import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'tsubo-images-'));
let buildImage: typeof import('./background-image.ts').buildImage;

beforeAll(async () => {
  vi.stubEnv('TSUBO_CACHE', folder);
  ({ buildImage } = await import('./background-image.ts'));
  mkdirSync(join(folder, 'images'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function builder(name: string, script: string): string {
  const path = join(folder, name, 'build');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

it('answers what the builder left', async () => {
  const image = { digest: 'a'.repeat(64), bytes: 12 };
  const text = JSON.stringify({ ...image, kernel: '6.1' });
  expect(await buildImage(builder('good', `echo '${text}' >${folder}/images/good.json`))).toEqual(image);
});

it.each([
  [
    'its last words',
    'seq 10000; echo "mmdebstrap failed" >&2; exit 3',
    /9999\n10000\nmmdebstrap failed\nit ended with 3$/,
  ],
  ['the signal', 'echo begun; kill -9 $$', /^begun\nit ended with SIGKILL$/],
  ['what is missing', 'true', /cannot be read: ENOENT/],
])('answers why there is none: %s', async (_, script, words) => {
  const built = await buildImage(builder('bad', script));
  expect(built).toEqual({ problem: expect.stringMatching(words) });
  expect(JSON.stringify(built).length).toBeLessThan(4_000);
});

it('answers as well where there is no builder', async () => {
  expect(await buildImage(join(folder, 'none/build'))).toEqual({ problem: expect.stringMatching(/ENOENT/) });
});
