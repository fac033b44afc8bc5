/**
 * A libvirtd for tests that speaks the real frames over a real unix socket, and misbehaves on request: stays silent,
 * cuts its answers into single bytes, hangs up in the middle of one, sends what is not the protocol.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DomainRef } from './api.ts';
import { type Codec, remoteError } from './codecs.ts';
import { LibvirtError } from './errors.ts';
import { encodeFrame, type Frame, FrameReader, MessageStatus, MessageType, Program } from './frames.ts';
import { type ArgsOf, eventMessages, type ProcedureName, procedures } from './procedures.ts';
import { XdrReader, XdrWriter } from './xdr.ts';

/** Return the answer, throw a LibvirtError, or return `never` to leave the call without an answer. */
type Handler = (args: never, peer: Socket, serial: number) => unknown;
export type Handlers = { [N in ProcedureName]?: (args: ArgsOf<N>, peer: Socket, serial: number) => unknown };

export const noAnswer = new Promise<never>(() => {});

const handshake: Handlers = {
  authList: () => ({ types: [0] }),
  connectSupportsFeature: () => ({ supported: 1 }),
  connectOpen: () => undefined,
  connectDomainEventCallbackRegisterAny: ({ eventId }) => ({ callbackId: eventId + 1 }),
};

export class FakeLibvirtd {
  readonly calls: { name: ProcedureName; args: unknown }[] = [];
  readonly peers = new Set<Socket>();
  /** Peers that have registered for lifecycle events. */
  readonly listening = new Set<Socket>();
  answersPings = true;
  pings = 0;
  pongs = 0;
  /** Writes every byte of an answer on its own. */
  byteByByte = false;
  /** What comes of a stream; its payload is a view. */
  onStream: (frame: Frame, peer: Socket) => void = () => {};
  readonly #handlers: Handlers;
  readonly #folder: string;
  #server: Server;

  private constructor(folder: string, handlers: Handlers) {
    this.#folder = folder;
    this.#handlers = { ...handshake, ...handlers };
    this.#server = createServer();
  }

  static async start(handlers: Handlers = {}): Promise<FakeLibvirtd> {
    const fake = new FakeLibvirtd(await mkdtemp(join(tmpdir(), 'fake-libvirtd-')), handlers);
    await fake.listen();
    return fake;
  }

  get socketPath(): string {
    return join(this.#folder, 'sock');
  }

  async listen(): Promise<void> {
    this.#server = createServer((peer) => this.#accept(peer));
    await new Promise<void>((resolve) => this.#server.listen(this.socketPath, resolve));
  }

  /** As after kill -9: every connection is gone and nothing listens, until `listen`. */
  async kill(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const peer of this.peers) peer.destroy();
    await closed;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  named(name: ProcedureName): { name: ProcedureName; args: unknown }[] {
    return this.calls.filter((call) => call.name === name);
  }

  emitLifecycle(dom: DomainRef, event: number, detail: number): void {
    const writer = new XdrWriter();
    eventMessages.lifecycle.payload.write(writer, { callbackId: 1, dom, event, detail });
    for (const peer of this.listening) this.#message(peer, eventMessages.lifecycle.procedure, writer.finish());
  }

  emitReboot(dom: DomainRef): void {
    const writer = new XdrWriter();
    eventMessages.reboot.payload.write(writer, { callbackId: 2, dom });
    for (const peer of this.listening) this.#message(peer, eventMessages.reboot.procedure, writer.finish());
  }

  /** A packet of the stream that the call with this serial opened. */
  packet(
    peer: Socket,
    name: ProcedureName,
    serial: number,
    status: number,
    payload: Uint8Array = Buffer.alloc(0),
  ): void {
    const { program, number } = procedures[name];
    const header = { program, version: 1, procedure: number, type: MessageType.stream, serial, status };
    this.write(peer, encodeFrame(header, payload));
  }

  ping(): void {
    for (const peer of this.peers) this.#keepalive(peer, 1);
  }

  #accept(peer: Socket): void {
    this.peers.add(peer);
    peer.on('error', () => {});
    peer.on('close', () => {
      this.peers.delete(peer);
      this.listening.delete(peer);
    });
    const frames = new FrameReader();
    peer.on('data', (chunk: Buffer) => {
      for (const frame of frames.push(chunk)) this.#receive(peer, frame);
    });
  }

  #receive(peer: Socket, frame: Frame): void {
    if (frame.program === Program.keepalive) {
      if (frame.procedure === 2) this.pongs++;
      else {
        this.pings++;
        if (this.answersPings) this.#keepalive(peer, 2);
      }
      return;
    }
    if (frame.type === MessageType.stream) {
      this.onStream(frame, peer);
      return;
    }
    const found = Object.entries(procedures).find(
      ([, each]) => each.program === frame.program && each.number === frame.procedure,
    );
    if (!found) throw new Error(`the fake knows no procedure ${frame.procedure}`);
    const name = found[0] as ProcedureName;
    const reader = new XdrReader(frame.payload);
    const args = (procedures[name].args as Codec<unknown>).read(reader);
    reader.end();
    this.calls.push({ name, args });
    if (name === 'connectDomainEventCallbackRegisterAny') this.listening.add(peer);
    void this.#answer(peer, frame, name, args);
  }

  async #answer(peer: Socket, frame: Frame, name: ProcedureName, args: unknown): Promise<void> {
    const handler = this.#handlers[name] as Handler | undefined;
    const writer = new XdrWriter();
    let status: number = MessageStatus.ok;
    try {
      if (!handler) throw new LibvirtError(`the fake does not do ${name}`, { code: 3, domain: 0, level: 2 });
      const answer = await handler(args as never, peer, frame.serial);
      (procedures[name].ret as Codec<unknown>).write(writer, answer);
    } catch (error) {
      if (!(error instanceof LibvirtError)) throw error;
      status = MessageStatus.error;
      writeError(writer, error);
    }
    this.write(peer, encodeFrame({ ...frame, type: MessageType.reply, status }, writer.finish()));
  }

  #message(peer: Socket, procedure: number, payload: Buffer): void {
    const header = { program: Program.remote, version: 1, procedure, type: MessageType.message, serial: 0, status: 0 };
    this.write(peer, encodeFrame(header, payload));
  }

  #keepalive(peer: Socket, procedure: number): void {
    const header = { program: Program.keepalive, version: 1, procedure, type: 2, serial: 0, status: 0 };
    this.write(peer, encodeFrame(header, Buffer.alloc(0)));
  }

  write(peer: Socket, bytes: Buffer): void {
    if (peer.destroyed) return;
    if (!this.byteByByte) peer.write(bytes);
    else for (let at = 0; at < bytes.length; at++) peer.write(bytes.subarray(at, at + 1));
  }
}

function writeError(writer: XdrWriter, { message, code, domain, level }: LibvirtError): void {
  const rest = { dom: null, str1: message, str2: null, str3: null, int1: -1, int2: -1, net: null };
  remoteError.write(writer, { code, domain, message, level, ...rest });
}

/** As it stands in a reply or a packet with the status `error`. */
export function errorPayload(error: LibvirtError): Buffer {
  const writer = new XdrWriter();
  writeError(writer, error);
  return writer.finish();
}
