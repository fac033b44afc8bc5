/** For tests: a door on B's lab (a database, a person, a server, a fake agent), OpenSSH's own client, a serial port. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import ssh2 from 'ssh2';
import { type SerialPort, serialClaim, serialFrame } from '../../compute-agent/contract/streams.ts';
import { readSshKey } from '../../server/accounts/ssh-key.ts';
import { newId } from '../../server/ids.ts';
import { createLogger } from '../../server/log.ts';
import { encodeFrame, encodeJson, FrameDecoder } from '../serial-frames.ts';
import { createLab } from '../testing.ts';
import { type DoorOptions, type SshDoor, startSshDoor } from './door.ts';

export type Key = { file: string; publicKey: string };

/** A serial port of the agent's: what it has said, what was typed, who has the keyboard. */
export class FakePort {
  history = Buffer.alloc(0);
  readonly typed: Buffer[] = [];
  state: SerialPort = { open: true, log: 'ok', writer: null };
  readonly streams = new Map<Socket, { id: string; label: string } | null>();

  get typedBytes(): Buffer {
    return Buffer.concat(this.typed);
  }

  connect(socket: Socket, query: Record<string, string>): void {
    const writer = query.writer === undefined ? null : { id: query.writer, label: query.label ?? '' };
    this.streams.set(socket, writer);
    const from = query.from === undefined ? 0 : Number(query.from.split('.')[1]);
    const mark = (why: string, offset: number) =>
      encodeJson(serialFrame.mark, { why, at: { inode: '7', offset }, skipped: null });
    socket.write(mark('start', from));
    socket.write(encodeJson(serialFrame.port, this.state));
    if (from < this.history.length) socket.write(encodeFrame(serialFrame.data, this.history.subarray(from)));
    socket.write(mark('live', this.history.length));
    const decoder = new FrameDecoder();
    socket.on('data', (chunk: Buffer) => {
      for (const { type, payload } of decoder.push(chunk)) this.#take(type, payload, writer);
    });
    socket.on('close', () => {
      this.streams.delete(socket);
      if (writer && this.state.writer?.id === writer.id) this.set({ writer: null });
    });
  }

  /** The guest says something. */
  say(bytes: Buffer | string): void {
    const data = Buffer.from(bytes);
    this.history = Buffer.concat([this.history, data]);
    for (const socket of this.streams.keys())
      for (let at = 0; at < data.length; at += 65_536)
        socket.write(encodeFrame(serialFrame.data, data.subarray(at, at + 65_536)));
  }

  set(change: Partial<SerialPort>): void {
    this.state = { ...this.state, ...change };
    for (const socket of this.streams.keys()) socket.write(encodeJson(serialFrame.port, this.state));
  }

  #take(type: number, payload: Buffer, writer: SerialPort['writer']): void {
    if (type === serialFrame.input) {
      if (writer?.id === this.state.writer?.id) this.typed.push(payload);
      return;
    }
    const { what } = serialClaim.parse(JSON.parse(payload.toString()));
    if (what === 'release') this.set({ writer: null });
    else if (what === 'force' || this.state.writer === null) this.set({ writer });
  }
}

/** One run of OpenSSH's client. */
export class Ssh {
  readonly child: ReturnType<typeof spawn>;
  readonly out: Buffer[] = [];
  err = '';
  readonly ended: Promise<number | null>;

  constructor(args: string[]) {
    this.child = spawn('/usr/bin/ssh', args, { stdio: 'pipe', env: { ...process.env, SSH_AUTH_SOCK: '' } });
    this.child.stdout?.on('data', (chunk: Buffer) => this.out.push(chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.err += chunk.toString();
    });
    this.ended = new Promise((resolve) => this.child.on('close', (code) => resolve(code)));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.out);
  }
  get text(): string {
    return this.bytes.toString();
  }
  type(bytes: Buffer | string): void {
    (this.child.stdin as Writable).write(bytes);
  }
  stop(): void {
    this.child.kill('SIGKILL');
  }
}

export type DoorLab = Awaited<ReturnType<typeof createDoorLab>>;

export async function createDoorLab(options: Partial<DoorOptions> = {}) {
  const lab = await createLab();
  const folder = mkdtempSync(join(tmpdir(), 'door-'));
  // Its Ed25519 keys are not always to be read.
  const hostKey = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
  const port = new FakePort();
  lab.agent.onStream = (socket, asked) => port.connect(socket, asked.query);
  const lines: string[] = [];
  const log = createLogger('test', 'debug', { write: (line: string) => void lines.push(line) });
  const door: SshDoor = await startSshDoor({
    ...{ pool: lab.pool, identity: () => lab.identity, log, idleMs: 30 * 60_000, hostKeys: [hostKey.private] },
    listen: { host: '127.0.0.1', port: 0 },
    ...options,
  });
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${door.port} ${hostKey.public}\n`);
  const children: Ssh[] = [];

  const makeKey = (...kind: string[]): Key => {
    const file = join(folder, newId('ukey'));
    execFileSync('/usr/bin/ssh-keygen', [
      '-q',
      '-N',
      '',
      '-C',
      'test',
      '-f',
      file,
      '-t',
      ...(kind.length ? kind : ['ed25519']),
    ]);
    return { file, publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
  };
  const give = async (key: Key, userId = lab.session.user.id): Promise<string> => {
    const read = readSshKey(key.publicKey);
    if (!read.ok) throw new Error(read.code);
    const { type, fingerprint, publicKey } = read;
    const id = newId('ukey');
    const row = { id, userId, name: 'k', type, fingerprint, publicKey, createdAt: new Date() };
    await lab.db.userKey.create({ data: row });
    return id;
  };
  const ssh = (user: string, key: Key, ...args: string[]): Ssh => {
    const set = ['-F', '/dev/null', '-e', 'none', '-i', key.file, '-p', String(door.port), '-l', user];
    const values = {
      ...{ IdentitiesOnly: 'yes', IdentityAgent: 'none', BatchMode: 'yes', StrictHostKeyChecking: 'yes' },
      ...{ UserKnownHostsFile: join(folder, 'known_hosts'), GlobalKnownHostsFile: '/dev/null' },
    };
    const dashes = args.filter((arg) => arg.startsWith('-') || /^\d+:/.test(arg));
    const rest = args.filter((arg) => !dashes.includes(arg));
    const child = new Ssh([
      ...set,
      ...Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
      ...dashes,
      '127.0.0.1',
      ...rest,
    ]);
    children.push(child);
    return child;
  };
  return {
    ...lab,
    ...{ door, port, makeKey, give, ssh, address: { host: '127.0.0.1', port: door.port } },
    logged: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    end: async () => {
      for (const child of children) child.stop();
      await door.close();
      await lab.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
