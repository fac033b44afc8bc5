/**
 * One stream of libvirt's protocol as a state machine: which packets may come and may be sent, and what they mean.
 * Knows no socket and no clock (streams.ts does), so that it can be driven through every order of packets.
 *
 * A stream belongs to a call, whose program, procedure and serial stand in each of its packets:
 *
 *     download  open ──an empty CONTINUE comes──▶ ended ──we send OK──▶ finishing ──OK comes──▶ over
 *     upload    open ─────────────────────────────────────we send OK──▶ finishing ──OK comes──▶ over
 *     both      any ──ERROR comes, with libvirt's error──▶ over · any ──we send ERROR (abort)──▶ over
 *
 * The daemon's first packet may overtake the answer to the call that opened the stream: another thread sends it.
 */
import { remoteError } from './codecs.ts';
import { LibvirtError, LibvirtProtocolError } from './errors.ts';
import { encodeFrame, type Frame, MessageStatus, MessageType } from './frames.ts';
import { PROTOCOL_VERSION, type ProcedureName, procedures } from './procedures.ts';
import { XdrReader } from './xdr.ts';

/** VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX: what every libvirt takes in one packet, and virsh sends. */
export const STREAM_PAYLOAD_MAX = 262_120;

export type StreamDirection = 'download' | 'upload';

export type StreamEvent =
  /** A view of the received bytes, which nobody writes to any more. */
  | { kind: 'data'; bytes: Buffer }
  /** The daemon has sent all; `finish` comes next. */
  | { kind: 'end' }
  /** The daemon confirms: everything was received or written. */
  | { kind: 'finished' }
  | { kind: 'failed'; error: LibvirtError };

export class StreamMachine {
  readonly #name: ProcedureName;
  readonly #direction: StreamDirection;
  readonly #serial: number;
  #state: 'open' | 'ended' | 'finishing' | 'over' = 'open';

  constructor(name: ProcedureName, direction: StreamDirection, serial: number) {
    this.#name = name;
    this.#direction = direction;
    this.#serial = serial;
  }

  /** No packet may come or go any more. */
  get over(): boolean {
    return this.#state === 'over';
  }

  /** Throws LibvirtProtocolError where the packet does not belong here: then the connection must go. */
  receive(frame: Frame): StreamEvent {
    const { program, number } = procedures[this.#name];
    if (frame.type !== MessageType.stream) throw this.#breach(`a message of type ${frame.type}`);
    if (frame.program !== program || frame.procedure !== number || frame.serial !== this.#serial) {
      throw this.#breach(`a packet of another stream (procedure ${frame.procedure}, serial ${frame.serial})`);
    }
    if (this.#state === 'over') throw this.#breach('a packet after the end');
    switch (frame.status) {
      case MessageStatus.continue:
        return this.#receiveData(frame.payload);
      case MessageStatus.ok:
        if (this.#state !== 'finishing') throw this.#breach('a confirmation that nobody asked for');
        if (frame.payload.length > 0) throw this.#breach(`a confirmation with ${frame.payload.length} bytes`);
        this.#state = 'over';
        return { kind: 'finished' };
      default:
        return this.#receiveError(frame.payload);
    }
  }

  /** A packet with bytes, 1 to STREAM_PAYLOAD_MAX of them. */
  data(bytes: Uint8Array): Buffer {
    if (this.#direction !== 'upload' || this.#state !== 'open') throw new Error(`${this.#name} takes no bytes now`);
    // An empty packet would say that this was all.
    if (bytes.length === 0 || bytes.length > STREAM_PAYLOAD_MAX)
      throw new RangeError(`a packet of ${bytes.length} bytes`);
    return this.#packet(MessageStatus.continue, bytes);
  }

  /** Asks for the confirmation: of an upload when all is sent, of a download after `end`. */
  finish(): Buffer {
    if (this.#state !== (this.#direction === 'upload' ? 'open' : 'ended')) {
      throw new Error(`${this.#name} cannot be finished now`);
    }
    this.#state = 'finishing';
    return this.#packet(MessageStatus.ok, new Uint8Array(0));
  }

  /** Null where it is over already. What was written until then stays. */
  abort(): Buffer | null {
    if (this.#state === 'over') return null;
    this.#state = 'over';
    return this.#packet(MessageStatus.error, new Uint8Array(0));
  }

  #receiveData(bytes: Buffer): StreamEvent {
    if (this.#direction === 'upload') throw this.#breach('bytes, where bytes are sent');
    if (this.#state !== 'open') throw this.#breach('bytes after the last');
    if (bytes.length > 0) return { kind: 'data', bytes };
    this.#state = 'ended';
    return { kind: 'end' };
  }

  #receiveError(payload: Buffer): StreamEvent {
    const reader = new XdrReader(payload);
    const { message, code, domain, level } = remoteError.read(reader);
    reader.end();
    this.#state = 'over';
    const fields = { code, domain, level, procedure: this.#name };
    return { kind: 'failed', error: new LibvirtError(message ?? `libvirt error ${code}`, fields) };
  }

  #packet(status: number, payload: Uint8Array): Buffer {
    const { program, number } = procedures[this.#name];
    const serial = this.#serial;
    return encodeFrame(
      { program, version: PROTOCOL_VERSION, procedure: number, type: MessageType.stream, serial, status },
      payload,
    );
  }

  #breach(what: string): LibvirtProtocolError {
    return new LibvirtProtocolError(`${this.#name}: ${what}`);
  }
}
