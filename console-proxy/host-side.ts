/** The host's side of one console: the stream that its agent opens, and why it opens none. */
import type { Duplex } from 'node:stream';
import type { Pool } from 'pg';
import { AgentError } from '../compute-agent/contract/errors.ts';
import type { SerialPosition } from '../compute-agent/contract/streams.ts';
import type { ClientIdentity } from '../server/agent-client/connections.ts';
import type { Logger } from '../server/log.ts';
import { dialStream, dialStreamInto, type Target } from './agent-stream.ts';
import { hostRecord } from './hosts.ts';
import type { Event } from './life.ts';
import { saveScreen } from './screen.ts';
import type { SerialPipe } from './serial-pipe.ts';
import type { TicketClaim } from './ticket.ts';
import { VncPipe } from './vnc-pipe.ts';

type HostSideDeps = { pool: Pool; identity: () => ClientIdentity; log: Logger };
/** `id`: the console's, by which the agent knows who types. */
type Whose = { id: string; hostId: string; requestId: string; claim: TicketClaim };

export class HostSide {
  readonly #deps: HostSideDeps;
  readonly #whose: Whose;
  readonly #aborted = new AbortController();
  stream: Duplex | null = null;
  /** What came behind the agent's answer in the same read. */
  first: Buffer = Buffer.alloc(0);

  constructor(deps: HostSideDeps, whose: Whose) {
    this.#deps = deps;
    this.#whose = whose;
  }

  /** @param serial where its reader goes on, null: at the beginning; and who types, as others are told */
  dial(pipe: VncPipe | SerialPipe, serial: { from: SerialPosition | null; label: string }): Promise<Event> {
    const { id, claim } = this.#whose;
    const server = claim.serverId;
    return this.#unlessRefused(async () => {
      const target = await this.#target();
      if (pipe instanceof VncPipe) {
        const { socket, first } = await dialStreamInto(target, 'vnc', { server }, this.#options, pipe.reader);
        this.stream = socket;
        this.first = first;
      } else {
        const from = serial.from ? `${serial.from.inode}.${serial.from.offset}` : undefined;
        const writer = claim.viewOnly ? {} : { writer: id, label: serial.label };
        this.stream = await dialStream(target, 'serial', { server, from, ...writer }, this.#options);
      }
      // It may fail at any time, also before anybody listens to what it says.
      this.stream.on('error', () => {});
      return { is: 'dialled' };
    });
  }

  /** A second stream of the same kind, only to see whether there is one. */
  ask(): Promise<Event> {
    const { kind, serverId: server } = this.#whose.claim;
    return this.#unlessRefused(async () => {
      const stream = await dialStream(await this.#target(), kind, { server }, this.#options);
      stream.on('error', () => {}).destroy();
      return { is: 'answered' };
    });
  }

  drop(): void {
    this.stream?.destroy();
  }

  end(): void {
    this.#aborted.abort();
    this.drop();
  }

  /** Keeps what the screen shows now as the server's last picture. */
  async keepScreen(): Promise<void> {
    const { claim, requestId } = this.#whose;
    await saveScreen(this.#deps.pool, await this.#target(), claim.serverId, requestId);
  }

  async #target(): Promise<Target> {
    return { host: await hostRecord(this.#deps.pool, this.#whose.hostId), identity: this.#deps.identity };
  }

  get #options() {
    return { requestId: this.#whose.requestId, signal: this.#aborted.signal };
  }

  async #unlessRefused(work: () => Promise<Event>): Promise<Event> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.#deps.log.info({ err: error, code: error.code }, 'console: the host opens no stream');
      return { is: 'refused', code: error.code };
    }
  }
}
