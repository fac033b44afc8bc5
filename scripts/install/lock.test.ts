import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockInstallation } from './lock.ts';

const name = `tsubo-lock-test-${process.pid}`;

test('the second one is told that another is at work, until that one lets go', async () => {
  const release = await lockInstallation(name);
  await expect(lockInstallation(name)).rejects.toThrow(
    `Another quickstart is at work on this machine (pid ${process.pid}).`,
  );
  release();
  (await lockInstallation(name))();
});

test('a process that is killed leaves no lock', async () => {
  const module = join(import.meta.dirname, 'lock.ts');
  const script = `(await import(${JSON.stringify(module)})).lockInstallation('${name}').then(() => {
    console.log('locked'); setInterval(() => {}, 1000); });`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout, 'data');
  await expect(lockInstallation(name)).rejects.toThrow(`(pid ${other.pid})`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  (await lockInstallation(name))();
});
