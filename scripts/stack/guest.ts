/** Tests drive a guest with this: wait for its login prompt, run commands in it by SSH, see what arrives at a tap. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface KeyPair {
  /** Private key, for `ssh -i`. */
  file: string;
  /** One line of an authorized_keys file. */
  publicKey: string;
  remove(): Promise<void>;
}

export async function makeKey(parent = tmpdir()): Promise<KeyPair> {
  const folder = await mkdtemp(join(parent, 'tsubo-key-'));
  const file = join(folder, 'id_ed25519');
  const child = spawn('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`ssh-keygen ended with ${code}`);
  return {
    file,
    publicKey: (await readFile(`${file}.pub`, 'utf8')).trim(),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Waits for a prompt that was written after byte `from` of the log of the serial port. */
export async function untilLogin(serialLog: string, { from = 0, deadlineMs = 90_000 } = {}): Promise<void> {
  let said = '';
  for (const end = Date.now() + deadlineMs; Date.now() < end; await sleep(100)) {
    said = await readFrom(serialLog, from).catch(() => '');
    if (said.includes('login:')) return;
  }
  throw new Error(`no login prompt within ${deadlineMs} ms; the serial port said: ${said.slice(-500)}`);
}

async function readFrom(path: string, from: number): Promise<string> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - from));
    await handle.read(buffer, 0, buffer.length, from);
    return buffer.toString('latin1');
  } finally {
    await handle.close();
  }
}

export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

export class Guest {
  readonly address: string;
  readonly #key: string;

  constructor(address: string, key: KeyPair) {
    this.address = address;
    this.#key = key.file;
  }

  /** Runs a command line of the guest's shell. Code 255: ssh itself failed. */
  run(command: string, deadlineMs = 20_000): Promise<Answer> {
    const args = [
      ...['-i', this.#key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR'],
      ...[
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        `ConnectTimeout=${Math.ceil(deadlineMs / 2000)}`,
      ],
      `root@${this.address}`,
      command,
    ];
    return new Promise((resolve) => {
      execFile('/usr/bin/ssh', args, { timeout: deadlineMs }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** Its standard output; throws when the command fails. */
  async out(command: string, deadlineMs?: number): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, deadlineMs);
    if (code !== 0)
      throw new Error(`in the guest ${this.address}, "${command}" ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }
}

/** Everything that passes an interface of this host, from now until it is ended. */
export class Capture {
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  static async start(device: string): Promise<Capture> {
    const folder = await mkdtemp(join(tmpdir(), 'tsubo-capture-'));
    const file = join(folder, 'packets');
    // -Z root: it would give up root and could not write into our folder.
    const child = spawn('/usr/bin/tcpdump', ['-i', device, '-Z', 'root', '-n', '-U', '--immediate-mode', '-w', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    for (let waited = 0; !said.includes('listening on'); waited += 20) {
      if (child.exitCode !== null || waited > 10_000) throw new Error(`tcpdump on ${device}: ${said}`);
      await sleep(20);
    }
    return new Capture(child, folder);
  }

  /** All bytes so far, with pcap's framing between the packets. */
  bytes(): Promise<Buffer> {
    return readFile(join(this.#folder, 'packets'));
  }

  /** As tcpdump prints them. */
  async text(): Promise<string> {
    const child = execFile('/usr/bin/tcpdump', ['-n', '-e', '-vv', '-r', join(this.#folder, 'packets')]);
    let out = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    await once(child, 'close');
    return out;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exit;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
