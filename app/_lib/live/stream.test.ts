import type { TRPCClient } from '@trpc/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AppRouter } from '../../../server/trpc/root.ts';
import type { StreamState } from './leader.ts';
import { eventStream } from './stream.ts';

interface Handlers {
  onData: (message: { id: string; data: { cursor: string; subject: string; kind: string } }) => void;
  onConnectionStateChange: (change: { state: string }) => void;
  onError: (error: { data?: { code: string } }) => void;
  onComplete: () => void;
}
let opened: { input: unknown; handlers: Handlers; closed: boolean }[];
let onVisible: (() => void) | undefined;

const client = {
  events: {
    stream: {
      subscribe(input: unknown, handlers: Handlers) {
        const one = { input, handlers, closed: false };
        opened.push(one);
        return {
          unsubscribe() {
            one.closed = true;
            handlers.onComplete();
          },
        };
      },
    },
  },
} as unknown as TRPCClient<AppRouter>;

beforeEach(() => {
  opened = [];
  vi.useFakeTimers();
  vi.stubGlobal('document', {
    visibilityState: 'visible',
    addEventListener: (_: string, listener: () => void) => {
      onVisible = listener;
    },
    removeEventListener: () => {
      onVisible = undefined;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function listen(cursor?: string) {
  const states: StreamState[] = [];
  const heard: string[] = [];
  const close = eventStream(client)(cursor, {
    onEvent: (event) => heard.push(event.cursor),
    onState: (state) => states.push(state),
  });
  return { states, heard, close };
}
const last = () => {
  const one = opened.at(-1);
  if (one === undefined) throw new Error('no stream was opened');
  return one;
};

it('opens again from the last event, whether the stream broke or ended', () => {
  const { states, heard } = listen('3.1');
  expect(last().input).toEqual({ lastEventId: '3.1' });
  last().handlers.onConnectionStateChange({ state: 'pending' });
  last().handlers.onData({ id: '4.2', data: { cursor: '4.2', subject: 'server:a', kind: 'changed' } });
  last().handlers.onError({});
  expect(states).toEqual(['open', 'connecting']);
  vi.advanceTimersByTime(1300);
  expect(opened).toHaveLength(2);
  expect(last().input).toEqual({ lastEventId: '4.2' });
  last().handlers.onComplete();
  vi.advanceTimersByTime(3000);
  expect(opened).toHaveLength(3);
  expect(heard).toEqual(['4.2']);
});

it('waits longer each time while nothing answers, 15 s at most', () => {
  listen();
  const gaps: number[] = [];
  for (let n = 0; n < 7; n++) {
    const before = opened.length;
    last().handlers.onError({});
    let waited = 0;
    while (opened.length === before) {
      vi.advanceTimersByTime(100);
      waited += 100;
    }
    gaps.push(waited);
  }
  expect(gaps[0]).toBeLessThanOrEqual(1300);
  expect(Math.max(...gaps)).toBeGreaterThanOrEqual(12_000);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(18_100);
});

it('a session that ended is not asked again until the person comes back', () => {
  const { states } = listen();
  last().handlers.onError({ data: { code: 'UNAUTHORIZED' } });
  vi.advanceTimersByTime(120_000);
  expect(states).toEqual(['signed-out']);
  expect(opened).toHaveLength(1);
  onVisible?.();
  vi.advanceTimersByTime(2000);
  expect(opened).toHaveLength(2);
});

it('with too many streams open already it tries seldom, though each try is answered', () => {
  listen();
  for (let n = 0; n < 3; n++) {
    last().handlers.onConnectionStateChange({ state: 'pending' });
    last().handlers.onError({ data: { code: 'TOO_MANY_REQUESTS' } });
    vi.advanceTimersByTime(11_000);
    expect(opened).toHaveLength(n + 1);
    vi.advanceTimersByTime(7_100);
    expect(opened).toHaveLength(n + 2);
  }
});

it('stays closed once closed', () => {
  const { close } = listen();
  close();
  vi.advanceTimersByTime(60_000);
  expect(opened).toHaveLength(1);
  expect(last().closed).toBe(true);
  expect(onVisible).toBeUndefined();
});
