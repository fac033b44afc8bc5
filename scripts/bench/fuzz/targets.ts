/** What the malformed bytes are given to: the same code that reads libvirtd's, in the same order. */
import { type Codec, remoteError } from '../../../compute-agent/libvirt/codecs.ts';
import { LibvirtProtocolError } from '../../../compute-agent/libvirt/errors.ts';
import { readEvent } from '../../../compute-agent/libvirt/events.ts';
import { type Frame, FrameReader, MessageStatus, MessageType } from '../../../compute-agent/libvirt/frames.ts';
import { type ProcedureName, procedures } from '../../../compute-agent/libvirt/procedures.ts';
import { StreamMachine } from '../../../compute-agent/libvirt/stream-machine.ts';
import { XdrReader } from '../../../compute-agent/libvirt/xdr.ts';
import { malformed, type Random } from './mutations.ts';

const names = Object.keys(procedures) as ProcedureName[];
const byNumber = new Map(names.map((name) => [`${procedures[name].program}/${procedures[name].number}`, name]));

/** How far the cases came. */
interface Counts {
  /** Refused before they were a frame, or in one of the parsers. */
  refused: number;
  /** Whole frames that the reader gave out. */
  frames: number;
  /** Frames that a parser took, damaged or not. */
  parsed: number;
}

/** A confirmation comes to a stream that has been finished, everything else to one that is open. */
function streamAwaiting(name: ProcedureName, frame: Frame): StreamMachine {
  const machine = new StreamMachine(name, name === 'storageVolUpload' ? 'upload' : 'download', frame.serial);
  if (frame.status !== MessageStatus.ok) return machine;
  const { program, number } = procedures[name];
  const end = { ...frame, program, procedure: number, status: MessageStatus.continue, payload: Buffer.alloc(0) };
  if (name !== 'storageVolUpload') machine.receive(end);
  machine.finish();
  return machine;
}

export function createTargets(recorded: readonly Buffer[], random: Random) {
  const counts: Counts = { refused: 0, frames: 0, parsed: 0 };

  /** As Connection dispatches, besides the calls that it awaits. */
  const parse = (frame: Frame): void => {
    const name = byNumber.get(`${frame.program}/${frame.procedure}`) ?? names[random() % names.length]!;
    if (frame.type === MessageType.message) readEvent(frame);
    else if (frame.type === MessageType.stream) {
      const { program, number } = procedures[name];
      // The frame is this stream's, at a time when its kind may come: what is looked at is the rest of it.
      streamAwaiting(name, frame).receive({ ...frame, program, procedure: number });
    } else {
      const reader = new XdrReader(frame.payload);
      const codec = (frame.status === MessageStatus.error ? remoteError : procedures[name].ret) as Codec<unknown>;
      codec.read(reader);
      reader.end();
    }
    counts.parsed += 1;
  };

  const feed = (bytes: Buffer): void => {
    const reader = new FrameReader();
    const pieces = random() % 4;
    for (let at = 0; at < bytes.length; ) {
      const length = pieces === 0 ? bytes.length : 1 + (random() % (pieces === 1 ? 7 : 300));
      for (const frame of reader.push(bytes.subarray(at, at + length))) {
        counts.frames += 1;
        parse(frame);
      }
      at += length;
    }
    if (reader.pendingBytes > bytes.length) throw new Error('the reader holds more than it was given');
  };

  return {
    counts,
    /** Throws LibvirtProtocolError where the decoder refuses. */
    feed,
    /** One case; what it threw, unless that was the decoder's own refusal. */
    attempt: (): { error: unknown; bytes: Buffer } | null => {
      const bytes = malformed(recorded, random);
      try {
        feed(bytes);
      } catch (error) {
        if (!(error instanceof LibvirtProtocolError)) return { error, bytes };
        counts.refused += 1;
      }
      return null;
    },
  };
}
