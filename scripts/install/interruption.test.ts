import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test, vi } from 'vitest';

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);

/** What quickstart does, with one step. */
async function interruptDuring(work: string, signal: NodeJS.Signals): Promise<{ said: string; status: number | null }> {
  const script = `
    import { spawnSync } from 'node:child_process';
    import { interrupt, pause } from ${url('interruption.ts')};
    import { runProgram } from ${url('program.ts')};
    import { createSteps } from ${url('step.ts')};
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, interrupt);
    const step = createSteps((text) => process.stdout.write(text));
    try {
      await step('work', async () => { console.log('begun'); ${work} });
      await step('never', async () => console.log('went on'));
    } catch (error) {
      console.log(error.name + ' ' + error.message);
      process.exit(7);
    }`;
  child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = text(child.stdout!);
  await once(child.stdout!, 'data');
  setTimeout(() => child?.kill(signal), 300);
  const [status] = (await once(child, 'exit')) as [number | null];
  return { said: await said, status };
}

test.each([
  ['waiting', 'await pause(60_000);', 'SIGINT'],
  ['a program that was called', `await runProgram({ command: '/bin/sh', args: ['-c', 'sleep 60; true'] });`, 'SIGTERM'],
  ['a call that blocks goes to its end', `spawnSync('/bin/sleep', ['1']);`, 'SIGHUP'],
  ['one that fails by the signal itself', `spawnSync('/bin/sleep', ['1']); throw new Error('killed');`, 'SIGINT'],
] as const)('%s: interrupted, and the next step does not begin', async (_, work, signal) => {
  const { said, status } = await interruptDuring(work, signal);
  expect(said).toContain(`Interrupted ${signal}`);
  expect(said).not.toContain('went on');
  expect(status).toBe(7);
});

test('what a called program has started ends with it', async () => {
  // Told apart by its unusual argument.
  const seconds = `61.${process.pid}`;
  const ending = interruptDuring(
    `await runProgram({ command: '/bin/sh', args: ['-c', 'sleep ${seconds} & sleep ${seconds}; true'] });`,
    'SIGTERM',
  );
  await vi.waitFor(() => expect(sleeping(seconds)).toBe(2), { timeout: 5_000, interval: 20 });
  await ending;
  expect(sleeping(seconds)).toBe(0);
});

const sleeping = (seconds: string): number =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  }).length;
