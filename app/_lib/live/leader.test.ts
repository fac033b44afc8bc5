import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EventView } from '../../../server/events/schema.ts';
import { joinTabs, type Listener, type OpenStream, type StreamState } from './leader.ts';

/** Web Locks for one process: first come, first served, released when the callback's promise ends. */
class Locks {
  private tail: Promise<unknown> = Promise.resolve();
  request(_name: string, options: { signal: AbortSignal }, body: () => Promise<void>): Promise<void> {
    const turn = this.tail.then(() => (options.signal.aborted ? Promise.reject(new Error('aborted')) : body()));
    this.tail = turn.catch(() => undefined);
    return turn;
  }
}

interface Tab {
  heard: string[];
  states: StreamState[];
  leave: () => void;
}
let streams: { cursor: string | undefined; listener: Listener; open: boolean }[];
let leaves: (() => void)[];
let scope = 0;

beforeEach(() => {
  streams = [];
  leaves = [];
  scope += 1;
  vi.stubGlobal('navigator', { locks: new Locks() });
});
afterEach(() => {
  for (const leave of leaves) leave();
  vi.unstubAllGlobals();
});

const openStream: OpenStream = (cursor, listener) => {
  const stream = { cursor, listener, open: true };
  streams.push(stream);
  listener.onState('open');
  return () => {
    stream.open = false;
  };
};

function tab(): Tab {
  const heard: string[] = [];
  const states: StreamState[] = [];
  const leave = joinTabs(`t${scope}`, openStream, {
    onEvent: (event) => heard.push(event.cursor),
    onState: (state) => states.push(state),
  });
  leaves.push(leave);
  return { heard, states, leave };
}

function event(cursor: string): EventView {
  return { cursor, subject: 'server:a', kind: 'changed' };
}

it('one stream for all tabs; every tab hears every event', async () => {
  const first = tab();
  await vi.waitFor(() => expect(streams).toHaveLength(1), 10_000);
  const second = tab();
  await vi.waitFor(() => expect(second.states).toEqual(['open']), 10_000);
  streams[0]?.listener.onEvent(event('5.1'));
  await vi.waitFor(() => expect(second.heard).toEqual(['5.1']), 10_000);
  expect(first.heard).toEqual(['5.1']);
  expect(streams).toHaveLength(1);
});

it('the next tab goes on from the last cursor that all heard', async () => {
  const first = tab();
  await vi.waitFor(() => expect(streams).toHaveLength(1), 10_000);
  const second = tab();
  streams[0]?.listener.onEvent(event('7.3'));
  await vi.waitFor(() => expect(second.heard).toEqual(['7.3']), 10_000);
  first.leave();
  await vi.waitFor(() => expect(streams).toHaveLength(2), 10_000);
  expect(streams[0]?.open).toBe(false);
  expect(streams[1]?.cursor).toBe('7.3');
});

it('a broken stream is told to every tab', async () => {
  tab();
  await vi.waitFor(() => expect(streams).toHaveLength(1), 10_000);
  const second = tab();
  await vi.waitFor(() => expect(second.states).toContain('open'), 10_000);
  streams[0]?.listener.onState('connecting');
  await vi.waitFor(() => expect(second.states.at(-1)).toBe('connecting'), 10_000);
});

it('without Web Locks each tab has its own stream', async () => {
  vi.stubGlobal('navigator', {});
  tab();
  tab();
  await vi.waitFor(() => expect(streams).toHaveLength(2), 10_000);
});
