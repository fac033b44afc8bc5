/**
 * The only place of the agent that starts a program: fixed absolute paths, argument arrays (never a shell),
 * an environment of our own, and a deadline after which the program's whole group is killed.
 *
 * A killed agent takes its timers with it. So a second deadline, a little later, is kept by timeout(1) above the
 * program; what is worth nothing without us (`diesWithUs`) the kernel kills at once.
 */
import { spawn } from 'node:child_process';

/** Debian's places. A program that is not here cannot be started. */
const programs = {
  'qemu-img': '/usr/bin/qemu-img',
  'qemu-system-x86_64': '/usr/bin/qemu-system-x86_64',
  genisoimage: '/usr/bin/genisoimage',
  ip: '/usr/sbin/ip',
  bridge: '/usr/sbin/bridge',
  nft: '/usr/sbin/nft',
  ebtables: '/usr/sbin/ebtables',
  sysctl: '/usr/sbin/sysctl',
  dnsmasq: '/usr/sbin/dnsmasq',
  rm: '/bin/rm',
} as const;
export type Program = keyof typeof programs;

const SETPRIV = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'];
const TIMEOUT = ['/usr/bin/timeout', '--signal=KILL'];
const AFTER_OURS_MS = 1_000;

export interface ExecOptions {
  /** Milliseconds until it is killed; default 30 s. */
  deadlineMs?: number;
  /** Written to its standard input, which is closed after it. */
  input?: string;
  /** Exit codes that are no error; default only 0. */
  ok?: readonly number[];
  /** The kernel kills it when this process ends, however that ends. */
  diesWithUs?: boolean;
  /** Whose rights it has; default ours. */
  as?: { uid: number; gid: number };
}
export interface ExecResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** It ended with another code than wanted, by a signal, or not before its deadline. */
export class ExecError extends Error {
  readonly program: Program;
  /** null: it did not end by itself. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;

  constructor(
    program: Program,
    args: readonly string[],
    fields: { code: number | null; stdout: string; stderr: string; timedOut: boolean; why: string },
  ) {
    super(
      `${program} ${args.join(' ')}: ${fields.why}${fields.stderr ? `: ${fields.stderr.trim().slice(-2000)}` : ''}`,
    );
    this.name = 'ExecError';
    this.program = program;
    this.code = fields.code;
    this.stdout = fields.stdout;
    this.stderr = fields.stderr;
    this.timedOut = fields.timedOut;
  }
}

/** Enough for any listing that we read; more is cut, so that a program gone wild cannot fill the memory. */
const OUTPUT_BYTES_MAX = 8 * 1024 * 1024;

/** Runs a program to its end. Throws ExecError. */
export function exec(program: Program, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const { deadlineMs = 30_000, input, ok = [0], diesWithUs = false, as } = options;
  const above = diesWithUs ? SETPRIV : [...TIMEOUT, String((deadlineMs + AFTER_OURS_MS) / 1000)];
  const [command, ...words] = [...above, programs[program], ...args] as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' } as unknown as NodeJS.ProcessEnv,
      cwd: '/',
      ...as,
      // A group of its own: the deadline also ends what it started.
      detached: true,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let outBytes = 0;
    let errBytes = 0;
    let timedOut = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      outBytes += chunk.length;
      if (outBytes <= OUTPUT_BYTES_MAX) out.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      errBytes += chunk.length;
      if (errBytes <= OUTPUT_BYTES_MAX) err.push(chunk);
    });
    const timer = setTimeout(() => {
      timedOut = true;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended between the timer and the kill.
      }
    }, deadlineMs);
    const fail = (code: number | null, why: string): void => {
      const stdout = Buffer.concat(out).toString('utf8');
      const stderr = Buffer.concat(err).toString('utf8');
      reject(new ExecError(program, args, { code, stdout, stderr, timedOut, why }));
    };
    child.on('error', (error) => {
      clearTimeout(timer);
      fail(null, error.message);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (timedOut) return fail(null, `not done within ${deadlineMs} ms`);
      if (code === null) return fail(null, `ended by ${signal}`);
      if (!ok.includes(code)) return fail(code, `exit code ${code}`);
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') });
    });
    if (input !== undefined && child.stdin) {
      // A program that does not read its input is told apart by its exit code, not by EPIPE.
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    }
  });
}
