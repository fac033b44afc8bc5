/**
 * All streams of this host's guests: who may open one, how many there may be, and what ends them. A stream belongs to
 * a server whose domain is ours; it ends when the server is removed.
 */
import type { Socket } from 'node:net';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import { AgentError } from '../contract/errors.ts';
import { vncQuery } from '../contract/streams.ts';
import type { Hypervisor } from '../driver.ts';
import type { Logger } from '../log.ts';
import type { ServerPaths } from '../paths.ts';
import type { OpenStream } from '../streams.ts';
import { endSoon } from './sockets.ts';
import { openVnc } from './vnc.ts';

const STREAMS_PER_SERVER = 64;
const STREAMS_MAX = 1_024;
/** How long a stream that is cut may take for what was on its way. */
const CUT_MS = 500;

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
  readonly #sockets = new Map<string, Set<Socket>>();
  #count = 0;

  constructor(options: ConsolesOptions) {
    this.#options = options;
    options.hypervisor.onChange(({ serverId, seen }) => {
      if (seen === 'absent') this.#cut(serverId);
    });
  }

  readonly open: OpenStream = async ({ kind, query }, socket, accept) => {
    if (kind !== 'vnc') throw new AgentError('BAD_REQUEST', `there are no streams of the kind ${kind.slice(0, 20)}`);
    const { server } = parse(vncQuery, query);
    const leave = this.#enter(server, socket);
    try {
      const body = await this.#options.hypervisor.look(server);
      if (body === null) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${server}`);
      if (body.seen.state !== 'running') throw new AgentError('HYPERVISOR', 'it is off');
      const { clock, paths, socketOwner: owner } = this.#options;
      await openVnc({ path: paths.of(server).vncSocket, owner, viewer: socket, clock, accept });
    } catch (error) {
      leave();
      throw error;
    }
  };

  /** Counts from before it is open, so that many at once cannot pass together. */
  #enter(serverId: string, socket: Socket): () => void {
    const ofServer = this.#sockets.get(serverId) ?? new Set<Socket>();
    if (ofServer.size >= STREAMS_PER_SERVER || this.#count >= STREAMS_MAX) {
      throw new AgentError('BUSY', 'too many streams are open');
    }
    this.#sockets.set(serverId, ofServer.add(socket));
    this.#count += 1;
    const leave = (): void => {
      if (!ofServer.delete(socket)) return;
      this.#count -= 1;
      if (ofServer.size === 0 && this.#sockets.get(serverId) === ofServer) this.#sockets.delete(serverId);
    };
    socket.once('close', leave);
    if (socket.destroyed) leave();
    return leave;
  }

  #cut(serverId: string): void {
    for (const socket of this.#sockets.get(serverId) ?? []) endSoon(socket, CUT_MS);
  }
}

function parse<T extends z.ZodType>(shape: T, query: Record<string, string>): z.infer<T> {
  const parsed = shape.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AgentError('BAD_REQUEST', `${issue?.path.join('.') ?? 'query'}: ${issue?.message ?? 'cannot be read'}`);
}
