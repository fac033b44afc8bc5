import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExecError, type ExecResult, type exec } from './exec.ts';
import { probeAccelerator } from './probe.ts';

let root: string;
let booted: string[][];
let version: string;
/** What each accelerator does; by default only TCG boots. */
let behaviour: (accel: string, cpu: string) => ExecResult | ExecError;
const said = (stdout: string): ExecResult => ({ code: 0, stdout, stderr: '' });
const failed = (fields: { stdout?: string; stderr?: string; timedOut?: boolean }) =>
  new ExecError('qemu-system-x86_64', [], {
    code: null,
    stdout: '',
    stderr: '',
    timedOut: false,
    why: 'failed',
    ...fields,
  });

const run: typeof exec = async (_program, args) => {
  if (args[0] === '--version') return said(version);
  booted.push([...args]);
  const answer = behaviour(String(args[1]), String(args[3]));
  if (answer instanceof ExecError) throw answer;
  return answer;
};
const probe = () =>
  probeAccelerator({
    probeDir: join(root, 'probe'),
    dataDir: join(root, 'agent'),
    run,
    clock: { now: () => 0, monotonic: () => performance.now() },
    log: pino({ level: 'silent' }),
  });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsubo-probe-'));
  await mkdir(join(root, 'agent'));
  await mkdir(join(root, 'probe'));
  await writeFile(join(root, 'probe', 'vmlinuz'), 'kernel');
  await writeFile(join(root, 'probe', 'probe.img'), 'initrd');
  booted = [];
  version = 'QEMU emulator version 7.2';
  behaviour = (accel, cpu) => {
    if (accel === 'tcg') return said('PROBE-OK cpus=1\r\n');
    if (cpu === 'host') return failed({ stderr: 'first line\nfailed to set MSR' });
    return failed({ timedOut: true, stdout: 'SeaBIOS' });
  };
});
afterEach(() => rm(root, { recursive: true, force: true }));
/** The machine of these tests may have no /dev/kvm; then the agent does not try it, and says so. */
const kvm = existsSync('/dev/kvm');

it('takes the first that boots, in order, and keeps what each one said', async () => {
  const { attempts, ...found } = await probe();
  expect(found).toEqual({ type: 'qemu', cpu: null });
  const words = kvm ? ['failed to set MSR', 'no sign of life within 5000 ms'] : Array(2).fill('there is no /dev/kvm');
  expect(attempts.map(({ type, cpu, ok, said }) => [type, cpu, ok, said])).toEqual([
    ['kvm', 'host-passthrough', false, words[0]],
    ['kvm', 'qemu64', false, words[1]],
    ['qemu', 'default', true, 'PROBE-OK cpus=1'],
  ]);
});

it.runIf(kvm)('takes KVM where it boots, and tries no further', async () => {
  behaviour = () => said('PROBE-OK cpus=1');
  expect(await probe()).toMatchObject({ type: 'kvm', cpu: 'host-passthrough' });
  expect(booted).toHaveLength(1);
  expect(booted[0]).toEqual(expect.arrayContaining(['-kernel', join(root, 'probe', 'vmlinuz'), '-no-reboot']));
});

it.runIf(kvm)('takes a named CPU model where only that boots, also when the guest does not power off', async () => {
  behaviour = (_accel, cpu) =>
    cpu === 'host' ? failed({}) : failed({ timedOut: true, stdout: 'x\nPROBE-OK cpus=1\n' });
  expect(await probe()).toMatchObject({ type: 'kvm', cpu: 'qemu64' });
});

it('remembers the answer for this kernel, QEMU and processor, and asks again for another', async () => {
  behaviour = (accel) => (accel === 'tcg' ? said('PROBE-OK') : failed({ stderr: 'failed to set MSR' }));
  const first = await probe();
  const count = booted.length;
  expect(await probe()).toEqual(first);
  expect(booted).toHaveLength(count);
  version = 'QEMU emulator version 8';
  await probe();
  expect(booted).toHaveLength(2 * count);
  await writeFile(join(root, 'agent', 'accelerator.json'), 'broken');
  await probe();
  expect(booted).toHaveLength(3 * count);
});

it.runIf(kvm)('does not remember an answer over a KVM that only was too slow', async () => {
  behaviour = (accel) => (accel === 'tcg' ? said('PROBE-OK') : failed({ timedOut: true }));
  expect(await probe()).toMatchObject({ type: 'qemu' });
  behaviour = () => said('PROBE-OK');
  expect(await probe()).toMatchObject({ type: 'kvm', cpu: 'host-passthrough' });
});

it('is TCG where the files are missing, says so, and does not remember it', async () => {
  await rm(join(root, 'probe', 'probe.img'));
  const { attempts, ...found } = await probe();
  expect(found).toEqual({ type: 'qemu', cpu: null });
  expect(attempts).toEqual([
    {
      type: 'qemu',
      cpu: 'default',
      ok: false,
      ms: 0,
      said: expect.stringMatching(/^not probed: .*probe\.img missing$/),
    },
  ]);
  await writeFile(join(root, 'probe', 'probe.img'), 'initrd');
  expect((await probe()).attempts).toHaveLength(3);
});

it('is TCG where nothing boots, and asks again next time', async () => {
  behaviour = () => said('nothing');
  expect(await probe()).toMatchObject({ type: 'qemu', cpu: null });
  const count = booted.length;
  await probe();
  expect(booted).toHaveLength(2 * count);
});
