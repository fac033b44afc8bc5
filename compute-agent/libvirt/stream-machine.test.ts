/** Every order of packets, honest and hostile, on the state machine alone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LibvirtError, LibvirtProtocolError } from './errors.ts';
import { errorPayload } from './fake-libvirtd.ts';
import { type Frame, FrameReader, MessageStatus, MessageType } from './frames.ts';
import { procedures } from './procedures.ts';
import { STREAM_PAYLOAD_MAX, type StreamDirection, StreamMachine } from './stream-machine.ts';

const NAMES = { download: 'storageVolDownload', upload: 'storageVolUpload' } as const;
const SERIAL = 9;
const machineOf = (direction: StreamDirection) => new StreamMachine(NAMES[direction], direction, SERIAL);

function packet(direction: StreamDirection, status: number, payload: Buffer = Buffer.alloc(0)): Frame {
  const { program, number } = procedures[NAMES[direction]];
  return { program, version: 1, procedure: number, type: MessageType.stream, serial: SERIAL, status, payload };
}
const { ok, error, continue: more } = MessageStatus;
const full = errorPayload(new LibvirtError('no space', { code: 38, domain: 18, level: 2 }));

/** What was encoded, read back. */
const sent = (bytes: Buffer | null) => (bytes ? [...new FrameReader().push(bytes)][0] : null);

describe('a download', () => {
  test('bytes, their end, our finish, the confirmation', () => {
    const machine = machineOf('download');
    expect(machine.receive(packet('download', more, Buffer.from('ab')))).toEqual({
      kind: 'data',
      bytes: Buffer.from('ab'),
    });
    expect(() => machine.finish()).toThrow(/cannot be finished/);
    expect(machine.receive(packet('download', more))).toEqual({ kind: 'end' });
    expect(sent(machine.finish())).toMatchObject({ type: 3, serial: SERIAL, procedure: 209, status: ok });
    expect(machine.receive(packet('download', ok))).toEqual({ kind: 'finished' });
    expect(machine.over).toBe(true);
    expect(machine.abort()).toBeNull();
  });

  test.each([
    ['bytes after the last', [packet('download', more), packet('download', more, Buffer.from('a'))]],
    ['a second end', [packet('download', more), packet('download', more)]],
    ['a confirmation that nobody asked for', [packet('download', ok)]],
    ['another serial', [{ ...packet('download', more), serial: 8 }]],
    ['another procedure', [{ ...packet('download', more), procedure: 208 }]],
    ['another program', [{ ...packet('download', more), program: 1 }]],
    ['a reply', [{ ...packet('download', more), type: MessageType.reply }]],
    ['an error that cannot be read', [packet('download', error, full.subarray(0, 12))]],
    ['an error with bytes left over', [packet('download', error, Buffer.concat([full, Buffer.alloc(4)]))]],
  ])('%s is a breach of the protocol', (_name, frames) => {
    const machine = machineOf('download');
    for (const frame of frames.slice(0, -1)) machine.receive(frame);
    expect(() => machine.receive(frames.at(-1)!)).toThrow(LibvirtProtocolError);
    expect(machine.over).toBe(false);
  });
});

describe('an upload', () => {
  test('bytes, our finish, the confirmation', () => {
    const machine = machineOf('upload');
    expect(sent(machine.data(Buffer.from('ab')))).toMatchObject({ type: 3, procedure: 208, status: more });
    expect(() => machine.data(Buffer.alloc(0))).toThrow(RangeError);
    expect(() => machine.data(Buffer.alloc(STREAM_PAYLOAD_MAX + 1))).toThrow(RangeError);
    machine.finish();
    expect(() => machine.data(Buffer.from('c'))).toThrow(/takes no bytes/);
    expect(() => machine.receive(packet('upload', ok, Buffer.from('x')))).toThrow(LibvirtProtocolError);
    expect(machine.receive(packet('upload', ok))).toEqual({ kind: 'finished' });
  });

  test('bytes from the daemon are a breach of the protocol', () => {
    expect(() => machineOf('upload').receive(packet('upload', more, Buffer.from('a')))).toThrow(LibvirtProtocolError);
  });
});

test.each(['download', 'upload'] as const)('%s: an error in the middle keeps libvirt’s numbers', (direction) => {
  const machine = machineOf(direction);
  expect(machine.receive(packet(direction, error, full))).toMatchObject({
    kind: 'failed',
    error: { name: 'LibvirtError', code: 38, domain: 18, level: 2, message: 'no space', procedure: NAMES[direction] },
  });
  expect(machine.over).toBe(true);
  expect(() => machine.receive(packet(direction, more))).toThrow(LibvirtProtocolError);
});

test.each(['download', 'upload'] as const)('%s: whatever comes and is done, in any order', (direction) => {
  const anyPacket = fc
    .record({
      status: fc.constantFrom(ok, error, more, more, more),
      payload: fc.oneof(
        fc.constant(Buffer.alloc(0)),
        fc.constant(full),
        fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      ),
      damage: fc.option(fc.constantFrom('type', 'serial', 'procedure', 'program'), { freq: 20 }),
    })
    .map(({ status, payload, damage }) => {
      const frame = packet(direction, status, payload);
      return damage ? { ...frame, [damage]: 77 } : frame;
    });
  const step = fc.oneof(anyPacket, fc.constantFrom('data' as const, 'finish' as const, 'abort' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const machine = machineOf(direction);
      let [ended, finishing, over] = [false, false, false];
      for (const each of steps) {
        if (each === 'abort') {
          expect(machine.abort() === null).toBe(over);
          over = true;
        } else if (each === 'finish' || each === 'data') {
          const may = !over && !finishing && (direction === 'upload' || (each === 'finish' && ended));
          const act = () => (each === 'data' ? machine.data(Buffer.from('x')) : machine.finish());
          if (may) act();
          else expect(act).toThrow(/now/);
          if (may && each === 'finish') finishing = true;
        } else {
          let event: ReturnType<StreamMachine['receive']>;
          try {
            event = machine.receive(each);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(LibvirtProtocolError);
            expect(machine.over).toBe(over);
            continue;
          }
          expect(over).toBe(false);
          if (event.kind === 'data' || event.kind === 'end') expect([direction, ended]).toEqual(['download', false]);
          if (event.kind === 'finished') expect(finishing).toBe(true);
          if (event.kind === 'failed') expect(event.error).toBeInstanceOf(LibvirtError);
          ended ||= event.kind === 'end';
          over ||= event.kind === 'finished' || event.kind === 'failed';
        }
        expect(machine.over).toBe(over);
      }
    }),
    { numRuns: 3_000, seed: 20261125 },
  );
});
