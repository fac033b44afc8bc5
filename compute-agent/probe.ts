/**
 * Which accelerator really boots a guest here. `/dev/kvm` and libvirt's capabilities do not know it: where the
 * machine is itself a guest, KVM may be there, start, and die in the first boot loader (host.md 2). So a real
 * kernel is booted with each, in order of preference, until one prints its marker. The answer holds for this
 * kernel, this QEMU and this processor, and is kept under that key.
 *
 * An answer is not kept where a KVM attempt only ran out of time: a busy moment must not make this host slow for good.
 *
 * Without the probe's files nothing is known: then it is TCG, which always runs, and the attempts say why.
 */
import { createHash } from 'node:crypto';
import { access, readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { type Accelerator, accelerator } from './contract/shapes.ts';
import { readIfThere, writeDurably } from './durable.ts';
import { ExecError, type exec } from './exec.ts';
import type { Logger } from './log.ts';

const MARKER = 'PROBE-OK';
const KVM_MS = 5_000;
/** TCG needs 2 s on a quiet machine; where the host is busy more, and there is nothing to fall back to. */
const TCG_MS = 30_000;

interface Candidate {
  type: 'kvm' | 'qemu';
  cpu: Accelerator['cpu'];
  arguments: string[];
  deadlineMs: number;
}
const candidates: readonly Candidate[] = [
  { type: 'kvm', cpu: 'host-passthrough', arguments: ['-accel', 'kvm', '-cpu', 'host'], deadlineMs: KVM_MS },
  { type: 'kvm', cpu: 'qemu64', arguments: ['-accel', 'kvm', '-cpu', 'qemu64'], deadlineMs: KVM_MS },
  { type: 'qemu', cpu: null, arguments: ['-accel', 'tcg', '-cpu', 'qemu64'], deadlineMs: TCG_MS },
];
const TCG = { type: 'qemu', cpu: null } as const;

export interface ProbeOptions {
  /** Holds vmlinuz and probe.img. */
  probeDir: string;
  dataDir: string;
  run: typeof exec;
  clock: Clock;
  log: Logger;
}

const cached = z.object({ key: z.string(), accelerator });

export async function probeAccelerator(options: ProbeOptions): Promise<Accelerator> {
  const kernel = join(options.probeDir, 'vmlinuz');
  const initrd = join(options.probeDir, 'probe.img');
  const missing = await missingOf([kernel, initrd]);
  if (missing.length > 0) {
    options.log.warn({ missing }, 'the accelerator cannot be probed; guests run under TCG');
    const said = `not probed: ${missing.join(' and ')} missing`;
    return { ...TCG, attempts: [{ type: 'qemu', cpu: 'default', ok: false, ms: 0, said }] };
  }
  const file = join(options.dataDir, 'accelerator.json');
  const key = await keyOf(options.run, [kernel, initrd]);
  const known = parseCached(await readIfThere(file));
  if (known?.key === key) return known.accelerator;

  const attempts: Accelerator['attempts'] = [];
  let sure = true;
  for (const candidate of candidates) {
    const { timedOut, ...attempt } = await boot(options, candidate, kernel, initrd);
    attempts.push(attempt);
    if (timedOut) sure = false;
    options.log.info(attempt, 'probed an accelerator');
    if (!attempt.ok) continue;
    const found: Accelerator = { type: candidate.type, cpu: candidate.cpu, attempts };
    // Without a key it is only to be read by people, and by who wants to know how fast this machine is.
    await writeDurably(file, `${JSON.stringify({ key: sure ? key : '', accelerator: found }, null, 2)}\n`, 0o644);
    return found;
  }
  // Not kept: even TCG failed, so it was the moment (memory, load), and the next start asks again.
  return { ...TCG, attempts };
}

async function boot(
  { run, clock }: ProbeOptions,
  candidate: Candidate,
  kernel: string,
  initrd: string,
): Promise<Accelerator['attempts'][number] & { timedOut: boolean }> {
  const named = { type: candidate.type, cpu: candidate.cpu ?? 'default' };
  if (candidate.type === 'kvm' && (await missingOf(['/dev/kvm'])).length > 0) {
    return { ...named, ok: false, ms: 0, said: 'there is no /dev/kvm', timedOut: false };
  }
  const started = clock.monotonic();
  const ms = () => Math.round(clock.monotonic() - started);
  const machine = ['-machine', 'pc', '-smp', '1', '-m', '256', '-nodefaults', '-no-user-config', '-display', 'none'];
  const guest = ['-serial', 'stdio', '-no-reboot', '-kernel', kernel, '-initrd', initrd];
  const append = ['-append', 'console=ttyS0 quiet panic=-1 rdinit=/init'];
  try {
    const { stdout } = await run('qemu-system-x86_64', [...candidate.arguments, ...machine, ...guest, ...append], {
      deadlineMs: candidate.deadlineMs,
      // One that hangs under KVM would do so for ever.
      diesWithUs: true,
    });
    const line = markerLine(stdout);
    return { ...named, ok: line !== null, ms: ms(), said: line ?? 'it ended without booting', timedOut: false };
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    const line = markerLine(error.stdout);
    // It booted and only did not go off in time.
    if (line !== null) return { ...named, ok: true, ms: ms(), said: line, timedOut: false };
    const why = error.timedOut ? `no sign of life within ${candidate.deadlineMs} ms` : lastWords(error);
    return { ...named, ok: false, ms: ms(), said: why, timedOut: error.timedOut };
  }
}

const markerLine = (text: string): string | null =>
  text
    .split(/\r?\n/)
    .find((line) => line.includes(MARKER))
    ?.trim() ?? null;

const lastWords = (error: ExecError): string =>
  error.stderr.trim().split('\n').at(-1)?.trim().slice(0, 300) || `exit code ${error.code ?? 'none'}`;

/** What the answer depends on: kernel, QEMU, processor flags, and the probe itself. */
async function keyOf(run: typeof exec, files: string[]): Promise<string> {
  const { stdout } = await run('qemu-system-x86_64', ['--version']);
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8');
  const flags = /^(?:model name|flags)\s*:.*$/gm;
  const processor = [...new Set(cpuinfo.match(flags) ?? [])].join('\n');
  const probe = await Promise.all(
    files.map(async (file) => `${file} ${(await stat(file)).size} ${(await stat(file)).mtimeMs}`),
  );
  const kvm = (await missingOf(['/dev/kvm'])).length === 0;
  return createHash('sha256')
    .update(JSON.stringify([release(), stdout, processor, kvm, probe]))
    .digest('hex');
}

function parseCached(text: string | null): z.infer<typeof cached> | null {
  if (text === null) return null;
  try {
    return cached.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function missingOf(files: string[]): Promise<string[]> {
  const there = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => !there[index]);
}
