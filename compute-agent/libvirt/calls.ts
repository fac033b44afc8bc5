/**
 * The calls of one connection: a FIFO queue in front of a few slots, and a deadline on each call.
 *
 * libvirtd reads no further from a client that has `max_client_requests` (5 by default) calls under way, not even its
 * keepalive pings. So at most 4 are sent at a time. And since libvirt has no cancel, a call past its deadline keeps
 * its slot until the answer comes after all: forgetting it would send a fifth and a sixth into the same trap. When
 * such calls hold every slot the connection is of no use any more; `stuck` says so, and its owner replaces it.
 */

import { type Codec, remoteError } from './codecs.ts';
import {
  LibvirtBusyError,
  LibvirtDisconnectedError,
  LibvirtError,
  LibvirtProtocolError,
  LibvirtTimeoutError,
} from './errors.ts';
import { encodeFrame, type Frame, MessageStatus, MessageType } from './frames.ts';
import { type AnswerOf, type ArgsOf, PROTOCOL_VERSION, type ProcedureName, procedures } from './procedures.ts';
import { XdrReader, XdrWriter } from './xdr.ts';

const SERIAL_MAX = 0xffffffff;

interface Call {
  name: ProcedureName;
  payload: Buffer;
  timer: NodeJS.Timeout;
  sent: boolean;
  /** Its caller has been told already; only the slot is still taken. */
  settled: boolean;
  onSent: ((serial: number) => void) | undefined;
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

export interface CallsOptions {
  /** Calls that are sent and not answered. */
  slots: number;
  /** Calls that wait for a slot; one more is refused with LibvirtBusyError. */
  queueMax: number;
  send: (frame: Buffer) => void;
  /** Every slot is held by a call past its deadline. */
  stuck: () => void;
}

export class Calls {
  readonly #options: CallsOptions;
  /** A Set keeps the order of insertion and forgets an expired call in one step. */
  readonly #queue = new Set<Call>();
  readonly #inFlight = new Map<number, Call>();
  #serial = 0;
  #closed: LibvirtDisconnectedError | undefined;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /**
   * Rejects with the errors of errors.ts; TypeError or RangeError when the arguments cannot be sent.
   * `onSent`: runs just before the call leaves, with the number that ties to it what comes back.
   */
  async call<N extends ProcedureName>(
    name: N,
    args: ArgsOf<N>,
    deadlineMs: number,
    onSent?: (serial: number) => void,
  ): Promise<AnswerOf<N>> {
    if (this.#closed) throw new LibvirtDisconnectedError(this.#closed.message, false, this.#closed.cause);
    if (this.#queue.size >= this.#options.queueMax) {
      throw new LibvirtBusyError(`${name}: ${this.#queue.size} calls wait for libvirt already`);
    }
    const writer = new XdrWriter();
    (procedures[name].args as Codec<ArgsOf<N>>).write(writer, args);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const call: Call = {
      name,
      payload: writer.finish(),
      timer: setTimeout(() => this.#expire(call, deadlineMs), deadlineMs),
      sent: false,
      settled: false,
      onSent,
      resolve,
      reject,
    };
    this.#queue.add(call);
    this.#pump();
    return (await promise) as AnswerOf<N>;
  }

  /** Throws LibvirtProtocolError when the frame answers nothing, or cannot be read: then the connection must go. */
  receive(frame: Frame): void {
    const call = this.#inFlight.get(frame.serial);
    if (!call) throw new LibvirtProtocolError(`an answer to a call that was never made (serial ${frame.serial})`);
    const procedure = procedures[call.name];
    if (frame.program !== procedure.program || frame.procedure !== procedure.number) {
      throw new LibvirtProtocolError(`an answer of procedure ${frame.procedure} to ${call.name}`);
    }
    if (frame.type !== MessageType.reply) throw new LibvirtProtocolError(`${call.name}: answer of type ${frame.type}`);

    // Read before the slot is given up: when this throws, fail() tells the caller.
    const outcome = this.#read(call, frame);
    this.#inFlight.delete(frame.serial);
    this.#settle(call, outcome);
    this.#pump();
  }

  /** The connection is gone: every call ends, and further ones are refused. */
  fail(message: string, cause?: Error): void {
    if (this.#closed) return;
    this.#closed = new LibvirtDisconnectedError(message, false, cause);
    const calls = [...this.#inFlight.values(), ...this.#queue];
    this.#inFlight.clear();
    this.#queue.clear();
    for (const call of calls) {
      this.#settle(call, new LibvirtDisconnectedError(`${call.name}: ${message}`, call.sent, cause));
    }
  }

  #read(call: Call, frame: Frame): unknown {
    const reader = new XdrReader(frame.payload);
    if (frame.status === MessageStatus.error) {
      const { message, code, domain, level } = remoteError.read(reader);
      reader.end();
      return new LibvirtError(message ?? `libvirt error ${code}`, { code, domain, level, procedure: call.name });
    }
    if (frame.status !== MessageStatus.ok) {
      throw new LibvirtProtocolError(`${call.name}: answer with status ${frame.status}`);
    }
    const answer = (procedures[call.name].ret as Codec<unknown>).read(reader);
    reader.end();
    return answer;
  }

  #pump(): void {
    for (const call of this.#queue) {
      if (this.#inFlight.size >= this.#options.slots) return;
      this.#queue.delete(call);
      const serial = this.#nextSerial();
      const { program, number } = procedures[call.name];
      this.#inFlight.set(serial, call);
      call.sent = true;
      call.onSent?.(serial);
      this.#options.send(
        encodeFrame(
          {
            program,
            version: PROTOCOL_VERSION,
            procedure: number,
            type: MessageType.call,
            serial,
            status: MessageStatus.ok,
          },
          call.payload,
        ),
      );
    }
  }

  /** Wraps round to 1 (0 is for messages) and never gives out one that is still awaited. */
  #nextSerial(): number {
    do {
      this.#serial = this.#serial === SERIAL_MAX ? 1 : this.#serial + 1;
    } while (this.#inFlight.has(this.#serial));
    return this.#serial;
  }

  #expire(call: Call, deadlineMs: number): void {
    this.#queue.delete(call);
    this.#settle(call, new LibvirtTimeoutError(call.name, deadlineMs, call.sent));
    const held = [...this.#inFlight.values()];
    if (held.length >= this.#options.slots && held.every((each) => each.settled)) this.#options.stuck();
  }

  #settle(call: Call, outcome: unknown): void {
    if (call.settled) return;
    call.settled = true;
    clearTimeout(call.timer);
    if (outcome instanceof Error) call.reject(outcome);
    else call.resolve(outcome);
  }
}
