import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExecError, exec } from './exec.ts';
import { findProcesses } from './networks/processes.ts';

const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as ExecError,
  );

describe('exec', () => {
  it('gives output and takes input', async () => {
    const { code, stdout } = await exec('qemu-img', ['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^qemu-img version/);
    // sysctl reads settings from its standard input; an empty one changes nothing.
    expect((await exec('sysctl', ['-p', '-'], { input: '# nothing\n' })).code).toBe(0);
  });

  it('passes arguments as they are, to no shell', async () => {
    const error = await caught(exec('qemu-img', ['info', '$(touch /tmp/x); `id`']));
    expect(error).toBeInstanceOf(ExecError);
    expect(error?.stderr).toContain('$(touch /tmp/x); `id`');
  });

  it('says what failed, with which words and code, unless the code is wanted', async () => {
    const error = await caught(exec('qemu-img', ['no-such-command']));
    expect(error).toMatchObject({ code: 1, timedOut: false, program: 'qemu-img' });
    expect(error?.message).toMatch(/^qemu-img no-such-command: exit code 1: .*no-such-command/s);
    expect((await exec('qemu-img', ['no-such-command'], { ok: [1] })).code).toBe(1);
  });

  it.each([
    ['after its deadline', { deadlineMs: 1_500 }],
    ['at once where it dies with us', { deadlineMs: 60_000, diesWithUs: true }],
  ])('leaves nothing where its own process is killed meanwhile: %s', async (_, options) => {
    const name = `orphan-${process.pid}-${options.deadlineMs}`;
    const script =
      `import { exec } from ${JSON.stringify(join(import.meta.dirname, 'exec.ts'))};` +
      `await exec('qemu-system-x86_64', ['-machine', 'pc', '-S', '-nodefaults', '-display', 'none', '-name', '${name}'], ${JSON.stringify(options)});`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
    const running = async () => (await findProcesses(({ argv }) => argv.includes(name))).length > 0;
    await expect.poll(running, { timeout: 10_000 }).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect.poll(running, { timeout: 10_000 }).toBe(false);
  });

  it('kills what does not end by itself', async () => {
    const args = ['-machine', 'pc', '-S', '-nodefaults', '-display', 'none'];
    const error = await caught(exec('qemu-system-x86_64', args, { deadlineMs: 700 }));
    expect(error).toMatchObject({ timedOut: true, code: null });
    expect(error?.message).toContain('not done within 700 ms');
  });
});
