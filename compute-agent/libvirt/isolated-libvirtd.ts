/** For tests: a real virtlogd and libvirtd inside scripts/stack/isolate, which can be killed and started again. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const SOCKET = '/run/libvirt/libvirt-sock';
const LOG_SOCKET = '/run/libvirt/virtlogd-sock';
const START_DEADLINE_MS = 30_000;

async function listening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export class IsolatedLibvirtd {
  #process: ChildProcess | undefined;
  #messages = '';

  /** Refuses outside the isolation: it would be the libvirtd of this machine's rented servers. */
  static async start(): Promise<IsolatedLibvirtd> {
    if (process.env.TSUBO_ISOLATED !== 'yes') {
      throw new Error(
        'These tests start a libvirtd of their own. Run them inside: ' +
          'scripts/stack/isolate npx vitest run --project hypervisor compute-agent/libvirt',
      );
    }
    // Another test file in the same isolation may have started it; a second one ends with an error.
    if (!(await listening(LOG_SOCKET))) await promisify(execFile)('/usr/sbin/virtlogd', ['-d']);
    const daemon = new IsolatedLibvirtd();
    await daemon.start();
    return daemon;
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const child = spawn('/usr/sbin/libvirtd', [], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    child.stderr.on('data', (chunk) => {
      this.#messages = (this.#messages + chunk).slice(-4_000);
    });
    for (let waited = 0; !(await listening(SOCKET)); waited += 50) {
      if (child.exitCode !== null || waited > START_DEADLINE_MS) {
        throw new Error(`libvirtd did not start (exit code ${child.exitCode}): ${this.#messages}`);
      }
      await sleep(50);
    }
  }

  /** Throws while it does not run. */
  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('libvirtd does not run');
    return pid;
  }

  /** kill -9: no goodbye to its clients; the guests run on. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}
