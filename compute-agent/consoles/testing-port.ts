/** For tests: a guest's serial port as QEMU serves it, and its log, before an agent's server; made anew for each test. */
import type { Server, Socket } from 'node:net';
import { afterEach, beforeEach } from 'vitest';
import { ConsoleLab, SERVER } from './testing.ts';
import { SerialViewer } from './testing-serial.ts';

export const anna = { writer: 'w-anna', label: '佐藤 花子' };
export const ken = { writer: 'w-ken', label: '田中 健' };
export const open = { open: true, log: 'ok', writer: null };

export class PortLab {
  lab!: ConsoleLab;
  /** What was typed, per connection to the port, as latin1. */
  typed: string[] = [];
  clients: Socket[] = [];
  port!: Server;
  /** The guest takes nothing of what is typed. */
  stalled = false;

  constructor() {
    beforeEach(async () => {
      [this.typed, this.clients, this.stalled] = [[], [], false];
      this.lab = await ConsoleLab.create();
      await this.listen();
    });
    afterEach(async () => {
      for (const client of this.clients) client.destroy();
      await this.lab.destroy();
    });
  }

  get log(): string {
    return this.lab.of().serialLog;
  }

  async listen(): Promise<void> {
    this.port = await this.lab.listen(this.lab.of().serialSocket, (socket) => {
      const index = this.typed.push('') - 1;
      this.clients.push(socket);
      if (this.stalled) return;
      socket.on('data', (chunk) => {
        this.typed[index] += chunk.toString('latin1');
      });
      // As QEMU does when it has read all.
      socket.on('end', () => socket.end());
    });
  }

  readonly heard = (): string => Buffer.from(this.typed.join(''), 'latin1').toString();

  readonly view = async (query: Record<string, string> = {}): Promise<SerialViewer> =>
    new SerialViewer(await this.lab.open('serial', { server: SERVER, ...query }));
}
