import { describe, expect, it } from 'vitest';
import { CLOSE } from '../../../console-proxy/contract/socket.ts';
import { COMING_UP_MS, isSending, next, RETRY_FOR_MS, SILENT_MS, SLOW_MS, wakeAt } from './machine.ts';
import { said } from './sentence.ts';
import { aConsole, connected, cut, type Told } from './testing.ts';

describe('nothing is asked before somebody wants it', () => {
  it.each(['vnc', 'serial'] as const)('%s: the server, the clock and late sockets start no try', (kind) => {
    const one = aConsole(kind, 'off').tell(
      { type: 'server', server: 'running' },
      { type: 'tick' },
      { type: 'opened' },
      cut(),
    );
    expect(one.state).toMatchObject({ phase: 'idle', dial: 0 });
    expect(wakeAt(one.state)).toBeNull();
    expect(one.key()).toBe('idle');
  });

  it('a click is one try, also when pressed twice', () => {
    const one = aConsole('vnc').tell({ type: 'connect' }, { type: 'connect' });
    expect(one.state).toMatchObject({ phase: 'opening', dial: 1 });
    expect(one.key()).toBe('connecting');
    expect(one.wake().key()).toBe('slow');
    expect(one.now()).toBe(1000 + SLOW_MS);
  });
});

it('what an older try says is not heard', () => {
  const one = connected('vnc');
  const state = next(one.state, { type: 'closed', dial: 0, code: 1006, reason: '' }, 0);
  expect(state).toBe(one.state);
});

describe('a server that is off', () => {
  it('a screen waits for it without asking anybody, and connects by itself', () => {
    const one = aConsole('vnc', 'off').tell({ type: 'connect' });
    expect(one.state).toMatchObject({ phase: 'waiting', dial: 0 });
    expect([one.key(), one.mark(), wakeAt(one.state)]).toEqual(['stopped', 'off', null]);
    expect(said(one.state, true).acts).toEqual(['start']);
    one.tell({ type: 'server', server: 'starting' });
    expect(one.state).toMatchObject({ phase: 'opening', dial: 1 });
    expect(one.key()).toBe('waiting');
    one.tell(cut(CLOSE.off));
    expect(one.state).toMatchObject({ phase: 'waiting', retryAtMs: one.now() + COMING_UP_MS });
    one.wake().tell(cut(CLOSE.off)).tell({ type: 'server', server: 'running' });
    expect(one.state).toMatchObject({ phase: 'opening', dial: 3 });
  });

  it('a serial port shows its history, and is not called connected', () => {
    const one = aConsole('serial', 'off').tell({ type: 'connect' }, { type: 'opened' }, { type: 'drawn' });
    expect(one.state.phase).toBe('connected');
    expect([one.key(), one.mark(), isSending(one.state)]).toEqual(['stoppedSerial', 'off', false]);
    one.tell({ type: 'server', server: 'starting' });
    expect([one.mark(), isSending(one.state), one.state.dial]).toEqual(['on', true, 1]);
  });

  it.each(['opening', 'connected', 'reconnecting'] as const)('a screen in %s lets go of it', (phase) => {
    const one = aConsole('vnc').tell({ type: 'connect' });
    if (phase === 'connected') one.tell({ type: 'opened' });
    if (phase === 'reconnecting') one.tell(cut());
    expect(one.state.phase).toBe(phase);
    one.tell({ type: 'server', server: 'off' });
    expect([one.state.phase, one.key(), one.mark()]).toEqual(['waiting', 'stopped', 'off']);
  });

  it('never says connected, whatever happened before', () => {
    for (const kind of ['vnc', 'serial'] as const)
      for (const events of [[], [{ type: 'opened' }], [{ type: 'opened' }, { type: 'drawn' }], [cut()]] as Told[][]) {
        const one = aConsole(kind).tell({ type: 'connect' }, ...events, { type: 'server', server: 'off' });
        expect(one.mark()).not.toBe('on');
        expect(one.key()).not.toBe('connected');
      }
  });
});

describe('a lost connection', () => {
  it('comes back by itself, ever more slowly, each time as a new try', () => {
    const one = connected('serial');
    const pauses: number[] = [];
    for (let n = 0; n < 7; n++) {
      one.tell(cut());
      expect([one.state.phase, one.key(), one.state.attempt]).toEqual(['reconnecting', 'reconnecting', n + 1]);
      pauses.push((one.state.retryAtMs ?? 0) - one.now());
      one.wake();
      expect(one.state).toMatchObject({ phase: 'opening', dial: n + 2 });
      expect(one.key()).toBe('reconnecting');
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('spreads by a fifth either way', () => {
    const { state } = connected('vnc');
    const closed = { type: 'closed', dial: state.dial, code: 1006, reason: '' } as const;
    expect([next(state, closed, 0, 0).retryAtMs, next(state, closed, 0, 1).retryAtMs]).toEqual([400, 600]);
  });

  it('is given up after 5 minutes, and tried again when asked', () => {
    const one = connected('vnc');
    const began = one.now();
    for (let n = 0; one.state.phase !== 'gave-up' && n < 100; n++) {
      one.tell(cut());
      if (one.state.phase === 'reconnecting') one.wake();
    }
    expect(one.now() - began).toBeGreaterThanOrEqual(RETRY_FOR_MS);
    expect(one.now() - began).toBeLessThan(RETRY_FOR_MS + 11_000);
    expect([one.key(), wakeAt(one.state)]).toEqual(['gaveUp', null]);
    expect(one.tell({ type: 'connect' }).state).toMatchObject({ phase: 'opening', attempt: 0, lostAtMs: null });
  });

  it('a socket that opens and shows nothing does not begin the count anew; one that shows something does', () => {
    const one = connected('vnc').tell(cut()).wake().tell({ type: 'opened' }, cut());
    expect(one.state.attempt).toBe(2);
    one.wake().tell({ type: 'opened' }, { type: 'drawn' }, cut());
    expect(one.state.attempt).toBe(1);
  });

  it('a blank screen that stays is a way back, too', () => {
    const one = connected('vnc').tell(cut()).wake().tell({ type: 'opened' }).wake();
    expect([one.key(), one.key(false), one.state.attempt]).toEqual(['silent', 'silentChecking', 0]);
    expect(one.state.sinceMs + SILENT_MS).toBe(one.now());
  });

  it.each([
    ['no answer of the panel', { type: 'unanswered' }],
    ['a ticket that was too old', cut(CLOSE.ticket)],
    ['a proxy that restarts', cut(CLOSE.restarting)],
    ['a host that does not answer', cut(CLOSE.hostAway)],
    ['a guest that is off already, which the panel does not know yet', cut(CLOSE.off)],
  ] as [string, Told][])('%s is tried again', (_, event) => {
    expect(aConsole('vnc').tell({ type: 'connect' }, event).state).toMatchObject({ phase: 'reconnecting', attempt: 1 });
    expect(aConsole('vnc').tell({ type: 'connect' }, event).key()).toBe('retrying');
  });

  it('too many are an end for who comes, not on the way back: a dead proxy still counts for a while', () => {
    expect(aConsole('vnc').tell({ type: 'connect' }, cut(CLOSE.tooMany)).state.phase).toBe('ended');
    const one = connected('vnc').tell(cut()).wake().tell(cut(CLOSE.tooMany));
    expect([one.state.phase, one.state.attempt]).toEqual(['reconnecting', 2]);
  });

  it('while the server restarts: said so, and tried until it is back', () => {
    const one = connected('vnc').tell({ type: 'server', server: 'restarting' });
    expect(one.mark()).toBe('on');
    one.tell(cut(CLOSE.off));
    expect(one.key()).toBe('restarting');
    for (let n = 0; n < 20; n++) one.wake().tell(cut(CLOSE.off));
    expect([one.state.phase, one.key()]).toEqual(['waiting', 'restarting']);
    one.tell({ type: 'server', server: 'running' });
    expect(one.state.phase).toBe('opening');
  });
});
