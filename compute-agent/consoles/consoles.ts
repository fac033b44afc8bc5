/**
 * All streams of this host's guests: who may open one, how many there may be, and what ends them. A stream belongs to
 * a server whose domain is ours. A screen's ends when its guest goes off; a port's goes on, so that the next boot is
 * seen from its first byte; all end when the server is removed.
 */
import type { Socket } from 'node:net';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import { AgentError } from '../contract/errors.ts';
import { serialQuery, vncQuery } from '../contract/streams.ts';
import type { Hypervisor } from '../driver.ts';
import type { Logger } from '../log.ts';
import type { ServerPaths } from '../paths.ts';
import type { OpenStream } from '../streams.ts';
import { LogHolders } from './log-holders.ts';
import { SerialPort } from './serial-port.ts';
import { SerialStream } from './serial-stream.ts';
import { endSoon } from './sockets.ts';
import { openVnc } from './vnc.ts';

const STREAMS_PER_SERVER = 64;
const STREAMS_MAX = 1_024;
/** How long a stream that is cut may take for what was on its way. */
const CUT_MS = 500;
const OFF_MS = 2_000;

export interface ConsolesOptions {
  hypervisor: Hypervisor;
  paths: Pick<ServerPaths, 'of'>;
  /** The user whom guests' sockets belong to. */
  socketOwner: number;
  clock: Clock;
  log: Logger;
}

export class Consoles {
  readonly #options: ConsolesOptions;
  readonly #streams = new Map<string, Map<Socket, 'vnc' | 'serial'>>();
  readonly #ports = new Map<string, SerialPort>();
  readonly #holders: LogHolders;
  #count = 0;

  constructor(options: ConsolesOptions) {
    this.#options = options;
    this.#holders = new LogHolders(options.clock);
    options.hypervisor.onChange(({ serverId, seen }) => {
      if (seen === 'absent') this.#cut(serverId, CUT_MS);
      else {
        this.#ports.get(serverId)?.changed(seen);
        // QEMU ends them by itself, but a viewer who does not read would not come to see it.
        if (seen?.state === 'off') this.#cut(serverId, OFF_MS, 'vnc');
      }
    });
    options.hypervisor.onConnected(() => void this.#missed());
  }

  readonly open: OpenStream = async ({ kind, query }, socket, accept) => {
    if (kind === 'vnc') return this.#openVnc(parse(vncQuery, query).server, socket, accept);
    if (kind === 'serial') return this.#openSerial(parse(serialQuery, query), socket, accept);
    throw new AgentError('BAD_REQUEST', `there are no streams of the kind ${kind.slice(0, 20)}`);
  };

  async #openVnc(server: string, socket: Socket, accept: () => void): Promise<void> {
    const { hypervisor, clock, paths, socketOwner: owner } = this.#options;
    const leave = this.#enter(server, socket, 'vnc');
    try {
      const body = await hypervisor.look(server);
      if (body === null) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${server}`);
      if (body.seen.state !== 'running') throw new AgentError('HYPERVISOR', 'it is off');
      await openVnc({ path: paths.of(server).vncSocket, owner, viewer: socket, clock, accept });
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #openSerial(query: z.infer<typeof serialQuery>, socket: Socket, accept: () => void): Promise<void> {
    const { server, from, writer, label } = query;
    const { clock, paths, log } = this.#options;
    const leave = this.#enter(server, socket, 'serial');
    try {
      const [inode = '0', offset = '0'] = from?.split('.') ?? [];
      const port = this.#port(server);
      const stream = new SerialStream({
        ...{ socket, port, path: paths.of(server).serialLog, clock },
        writer: writer === undefined ? null : { id: writer, label: label ?? writer },
        log: log.child({ serverId: server }),
      });
      port.join(stream);
      try {
        if (!(await port.ask())) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${server}`);
        await stream.run(from === undefined ? null : { inode, offset: Number(offset) }, accept);
      } finally {
        port.leave(stream);
        if (port.unwatched && this.#ports.get(server) === port) {
          port.close();
          this.#ports.delete(server);
        }
      }
    } catch (error) {
      leave();
      throw error;
    }
  }

  #port(serverId: string): SerialPort {
    const known = this.#ports.get(serverId);
    if (known) return known;
    const { hypervisor, paths, socketOwner, log } = this.#options;
    const port = new SerialPort({
      ...{ serverId, paths: paths.of(serverId), socketOwner, hypervisor, log, holders: this.#holders },
    });
    this.#ports.set(serverId, port);
    return port;
  }

  /** Events were lost. */
  async #missed(): Promise<void> {
    for (const serverId of [...this.#streams.keys()]) {
      this.#ports.get(serverId)?.changed(null);
      const body = await this.#options.hypervisor.look(serverId).catch(() => undefined);
      if (body === null) this.#cut(serverId, CUT_MS);
    }
  }

  /** Counts from before it is open, so that many at once cannot pass together. */
  #enter(serverId: string, socket: Socket, kind: 'vnc' | 'serial'): () => void {
    const ofServer = this.#streams.get(serverId) ?? new Map<Socket, 'vnc' | 'serial'>();
    if (ofServer.size >= STREAMS_PER_SERVER || this.#count >= STREAMS_MAX) {
      throw new AgentError('BUSY', 'too many streams are open');
    }
    this.#streams.set(serverId, ofServer.set(socket, kind));
    this.#count += 1;
    const leave = (): void => {
      if (!ofServer.delete(socket)) return;
      this.#count -= 1;
      if (ofServer.size === 0 && this.#streams.get(serverId) === ofServer) this.#streams.delete(serverId);
    };
    socket.once('close', leave);
    if (socket.destroyed) leave();
    return leave;
  }

  #cut(serverId: string, withinMs: number, only?: 'vnc'): void {
    for (const [socket, kind] of this.#streams.get(serverId) ?? []) {
      if (only === undefined || kind === only) endSoon(socket, withinMs);
    }
  }
}

function parse<T extends z.ZodType>(shape: T, query: Record<string, string>): z.infer<T> {
  const parsed = shape.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AgentError('BAD_REQUEST', `${issue?.path.join('.') ?? 'query'}: ${issue?.message ?? 'cannot be read'}`);
}
