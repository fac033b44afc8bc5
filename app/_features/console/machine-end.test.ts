/** How a console ends, which keys are lost, and that nothing goes on without an end. */
import { describe, expect, it } from 'vitest';
import { CLOSE } from '../../../console-proxy/contract/socket.ts';
import { effectiveStates } from '../../../server/servers/schema.ts';
import { isSending, type Phase, wakeAt } from './machine.ts';
import { said } from './sentence.ts';
import { serverPhase } from './server-phase.ts';
import { aConsole, connected, cut, type Told } from './testing.ts';

describe('an end for good', () => {
  it.each([
    [CLOSE.signedOut, 'signedOut', 'signIn'],
    [CLOSE.permissionGone, 'permissionGone', 'back'],
    [CLOSE.deleted, 'deleted', 'back'],
    [CLOSE.idle, 'idleLimit', 'reconnect'],
    [CLOSE.tooMany, 'tooMany', 'reconnect'],
    [CLOSE.endedByPerson, 'endedBySomebody', 'reconnect'],
    [CLOSE.failed, 'failed', 'reconnect'],
    [CLOSE.protocol, 'failed', 'reconnect'],
    [4999, 'failed', 'reconnect'],
  ] as const)('code %d: %s', (code, key, act) => {
    const one = connected('serial').tell(cut(code, 'E-7Q2K')).tell({ type: 'server', server: 'restarting' });
    expect(one.state.phase).toBe('ended');
    expect(said({ ...one.state, server: 'running' }, true)).toMatchObject({ key, acts: [act], mark: 'off' });
    expect(wakeAt(one.state)).toBeNull();
    expect(one.state.reason).toBe(code === CLOSE.deleted ? '' : 'E-7Q2K');
  });

  it('a sentence names the state of the server only if it was heard just now', () => {
    const one = connected('vnc').tell(cut(CLOSE.failed));
    expect([one.key(true), one.key(false)]).toEqual(['failed', 'failedChecking']);
  });

  it('a server that is deleted ends it in every phase, also a wait', () => {
    for (const one of [
      aConsole('vnc', 'off').tell({ type: 'connect' }),
      connected('vnc'),
      connected('serial').tell(cut()),
    ])
      expect(one.tell({ type: 'server', server: 'gone' }).key()).toBe('deleted');
    expect(aConsole('serial', 'gone').tell({ type: 'connect' }).state).toMatchObject({ phase: 'ended', dial: 0 });
  });

  it('by who opened it: as at the beginning', () => {
    const one = connected('vnc').tell({ type: 'disconnect' }, cut(1000));
    expect([one.state.phase, one.key(), wakeAt(one.state)]).toEqual(['idle', 'idle', null]);
  });
});

describe('ended by a person', () => {
  const at = '2026-11-24T11:41:00.000Z';
  const by = (change: object): Told => ({
    type: 'ending',
    ending: { at, byStaff: false, name: '佐藤', reason: null, ...change },
  });

  it.each([
    [{}, 'endedByPerson'],
    [{ byStaff: true, name: null, reason: '調査' }, 'endedByStaff'],
    [{ name: null }, 'endedBySomebody'],
  ] as const)('%o: %s', (change, key) => {
    const one = connected('vnc').tell(by(change), cut(CLOSE.endedByPerson));
    expect([one.state.phase, one.key(), one.state.ending?.at]).toEqual(['ended', key, at]);
    expect(wakeAt(one.state)).toBeNull();
  });

  it('who was cut off before the code came does not come back by itself either', () => {
    expect(connected('serial').tell(by({}), cut(1006)).key()).toBe('endedByPerson');
  });

  it('is forgotten with the next connection', () => {
    const one = connected('vnc').tell(by({}), cut(CLOSE.endedByPerson), { type: 'connect' }, { type: 'opened' });
    expect(one.tell(cut(CLOSE.idle)).key()).toBe('idleLimit');
    expect(one.state.ending).toBeNull();
  });
});

describe('nobody does anything', () => {
  const soon: Told = { type: 'idle', closesInMs: 120_000, limitMs: 1_800_000 };

  it('is warned of, and the warning goes when somebody does, or when it is over', () => {
    const one = connected('vnc').tell(soon);
    expect(one.state.idle).toEqual({ closesAtMs: one.now() + 120_000, closesInMs: 120_000 });
    expect(one.key()).toBe('connected');
    expect(one.tell({ type: 'idle', closesInMs: null, limitMs: 1_800_000 }).state.idle).toBeNull();
    one.tell(soon, cut(CLOSE.idle));
    expect([one.key(), one.state.idle, one.state.idleLimitMs]).toEqual(['idleLimit', null, 1_800_000]);
  });

  it('the limit is the one that the proxy told', () => {
    const one = connected('serial').tell({ type: 'idle', closesInMs: 60_000, limitMs: 120_000 }, cut(CLOSE.idle));
    expect(one.state.idleLimitMs).toBe(120_000);
  });
});

describe('keys', () => {
  it('pressed while they cannot be sent are said to be dropped, until there is a connection again', () => {
    const one = connected('serial').tell({ type: 'typed' });
    expect(one.state.dropped).toBe(false);
    one.tell(cut(), { type: 'typed' });
    expect(one.state.dropped).toBe(true);
    expect(one.wake().state.dropped).toBe(true);
    expect(one.tell({ type: 'opened' }).state.dropped).toBe(false);
  });

  it('are not sent by who may only look', () => {
    const one = aConsole('serial').tell({ type: 'connect' }, { type: 'ticket', viewOnly: true }, { type: 'opened' });
    expect([isSending(one.state), one.tell({ type: 'drawn' }).key(), one.mark()]).toEqual([false, 'viewOnly', 'on']);
  });
});

it('never spins without an end: in every state something is due, can be pressed, or the server is watched', () => {
  const phases = new Set<Phase>();
  const events: Told[] = [
    ...([
      { type: 'connect' },
      { type: 'opened' },
      { type: 'drawn' },
      { type: 'unanswered' },
      { type: 'tick' },
    ] as const),
    ...[1000, 1006, ...Object.values(CLOSE)].map((code) => cut(code)),
    ...(['running', 'stopping', 'off', 'starting', 'restarting', 'gone', 'unknown'] as const).map(
      (server) => ({ type: 'server', server }) as const,
    ),
  ];
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  for (let run = 0; run < 300; run++) {
    const one = aConsole(run % 2 ? 'vnc' : 'serial', (['running', 'off', 'starting'] as const)[run % 3] ?? 'running');
    for (let n = 0; n < 25; n++) {
      one.at(random(12_000)).tell(events[random(events.length)] ?? { type: 'tick' });
      const { state } = one;
      phases.add(state.phase);
      const { mark, acts } = said(state, true);
      const watched = state.phase === 'waiting' && state.server !== 'running';
      const ends = state.phase === 'connected' || (state.phase === 'opening' && state.slow);
      expect(wakeAt(state) !== null || acts.length > 0 || watched || ends, JSON.stringify(state)).toBe(true);
      if (mark === 'on') expect(state).toMatchObject({ phase: 'connected' });
      if (mark === 'on') expect(state.server).not.toBe('off');
    }
  }
  expect(phases.size).toBeGreaterThanOrEqual(6);
});

it('every state of a server has its place', () => {
  for (const state of effectiveStates) expect(serverPhase(state)).toBeDefined();
});
