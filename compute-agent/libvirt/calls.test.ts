import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Calls } from './calls.ts';
import { remoteError } from './codecs.ts';
import {
  LibvirtBusyError,
  LibvirtDisconnectedError,
  LibvirtError,
  LibvirtProtocolError,
  LibvirtTimeoutError,
} from './errors.ts';
import { type Frame, FrameReader } from './frames.ts';
import { XdrWriter } from './xdr.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup(options: { slots?: number; queueMax?: number } = {}) {
  const sent: Frame[] = [];
  const reader = new FrameReader();
  const stuck = vi.fn();
  const calls = new Calls({
    slots: options.slots ?? 4,
    queueMax: options.queueMax ?? 100,
    send: (bytes) => sent.push(...reader.push(bytes)),
    stuck,
  });
  const call = (deadlineMs = 1_000) => {
    const promise = calls.call('connectGetHostname', undefined, deadlineMs);
    // Kept apart so that a rejection before the test looks at it is not "unhandled".
    promise.catch(() => {});
    return promise;
  };
  const answer = (index: number, hostname = `host-${index}`) => {
    const writer = new XdrWriter();
    writer.string(hostname);
    calls.receive({ ...sent[index]!, type: 1, payload: writer.finish() });
  };
  return { calls, sent, stuck, call, answer };
}

describe('slots and queue', () => {
  test('four are sent, the others wait in order', async () => {
    const { sent, call, answer } = setup();
    const promises = Array.from({ length: 10 }, () => call());
    expect(sent).toHaveLength(4);
    answer(2);
    answer(0);
    expect(sent).toHaveLength(6);
    for (const index of [1, 3, 4, 5, 6, 7, 8, 9]) answer(index);
    const answers = await Promise.all(promises);
    // Each call got the answer to its own frame, in the order in which they were made.
    expect(answers.map(({ hostname }) => hostname)).toEqual(answers.map((_, i) => `host-${i}`));
    expect(new Set(sent.map(({ serial }) => serial)).size).toBe(10);
  });

  test('a full queue refuses', async () => {
    const { call, sent } = setup({ slots: 1, queueMax: 2 });
    void call();
    void call();
    void call();
    await expect(call()).rejects.toThrow(LibvirtBusyError);
    expect(sent).toHaveLength(1);
  });

  test('arguments that cannot be sent take no slot', async () => {
    const { calls, sent } = setup({ slots: 1 });
    await expect(calls.call('domainLookupByName', { name: 'a\0b' }, 1_000)).rejects.toThrow(TypeError);
    void calls.call('domainLookupByName', { name: 'ab' }, 1_000);
    expect(sent).toHaveLength(1);
  });
});

describe('deadlines', () => {
  test('a call that was sent ends as unknown, and its slot stays taken until the answer comes after all', async () => {
    const { call, answer, sent, stuck } = setup({ slots: 2 });
    const slow = call(100);
    void call(10_000);
    const waiting = call(10_000);
    vi.advanceTimersByTime(100);
    await expect(slow).rejects.toMatchObject({ name: 'LibvirtTimeoutError', sent: true, deadlineMs: 100 });
    expect(sent).toHaveLength(2);
    expect(stuck).not.toHaveBeenCalled();
    answer(0);
    expect(sent).toHaveLength(3);
    answer(2, 'late but whole');
    await expect(waiting).resolves.toEqual({ hostname: 'late but whole' });
  });

  test('a call that was never sent says so, and is never sent', async () => {
    const { call, answer, sent } = setup({ slots: 1 });
    const first = call(10_000);
    const waiting = call(100);
    vi.advanceTimersByTime(100);
    const error = await waiting.catch((each) => each);
    expect(error).toBeInstanceOf(LibvirtTimeoutError);
    expect(error.sent).toBe(false);
    answer(0);
    await first;
    expect(sent).toHaveLength(1);
  });

  test('stuck, when calls past their deadlines hold every slot', () => {
    const { call, stuck } = setup({ slots: 2 });
    void call(100);
    void call(200);
    vi.advanceTimersByTime(199);
    expect(stuck).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(stuck).toHaveBeenCalledOnce();
  });
});

describe('answers', () => {
  test('an error of libvirt, with its numbers', async () => {
    const { calls, sent, call } = setup();
    const promise = call();
    const writer = new XdrWriter();
    const rest = { dom: null, str1: 'x', str2: null, str3: null, int1: -1, int2: -1, net: null };
    remoteError.write(writer, { code: 42, domain: 10, message: 'no domain', level: 2, ...rest });
    calls.receive({ ...sent[0]!, type: 1, status: 1, payload: writer.finish() });
    const error = await promise.catch((each) => each);
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({
      code: 42,
      domain: 10,
      level: 2,
      message: 'no domain',
      procedure: 'connectGetHostname',
    });
  });

  test.each([
    ['to a call that was never made', { serial: 77 }],
    ['of another procedure', { procedure: 60 }],
    ['of another program', { program: 0x20008087 }],
    ['that is a stream', { type: 3 }],
    ['that goes on', { status: 2 }],
    ['with bytes left over', { payload: Buffer.alloc(64) }],
    ['cut off', { payload: Buffer.alloc(2) }],
  ])('one %s is a breach of the protocol, and the call is not forgotten', async (_name, wrong) => {
    const { calls, sent, call } = setup();
    const promise = call();
    expect(() => calls.receive({ ...sent[0]!, type: 1, payload: Buffer.alloc(4), ...wrong })).toThrow(
      LibvirtProtocolError,
    );
    calls.fail('bad bytes');
    await expect(promise).rejects.toMatchObject({ name: 'LibvirtDisconnectedError', sent: true });
  });
});

test('when the connection goes, each call knows whether it was sent', async () => {
  const { calls, call } = setup({ slots: 1 });
  const sent = call();
  const waiting = call();
  calls.fail('gone');
  await expect(sent).rejects.toMatchObject({ name: 'LibvirtDisconnectedError', sent: true });
  await expect(waiting).rejects.toMatchObject({ name: 'LibvirtDisconnectedError', sent: false });
  await expect(call()).rejects.toThrow(LibvirtDisconnectedError);
  expect(vi.getTimerCount()).toBe(0);
});
