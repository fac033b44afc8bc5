import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentErrorCodes } from '../compute-agent/contract/errors.ts';
import { CLOSE } from './contract/socket.ts';
import { begin, type Effect, type Event, next, type State } from './life.ts';

const simple = [
  'not-taken',
  'admitted',
  'greeted',
  'dialled',
  'answered',
  'host-ended',
  'browser-ended',
  'misspoke',
  'restarting',
  'defect',
] as const;
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...simple).map((is) => ({ is }) as Event) },
  fc.constantFrom('vnc', 'serial').map((kind) => ({ is: 'taken', kind }) as Event),
  fc
    .constantFrom('signedOut', 'permissionGone', 'deleted', 'tooMany', 'noBody')
    .map((why) => ({ is: 'not-admitted', why }) as Event),
  fc.constantFrom(...agentErrorCodes).map((code) => ({ is: 'refused', code }) as Event),
  fc.record({
    is: fc.constant('looked' as const),
    standing: fc.constantFrom(
      'good',
      'good',
      'good',
      'signedOut',
      'permissionGone',
      'deleted',
      'ended',
    ) as fc.Arbitrary<'good'>,
    idle: fc.constantFrom(false, false, true),
  }),
);

function live(events: Event[]): { state: State; effects: Effect[]; states: State['at'][] } {
  let { state } = begin;
  const effects = [...begin.effects];
  const states = [state.at];
  for (const event of events) {
    const then = next(state, event);
    state = then.state;
    effects.push(...then.effects);
    states.push(state.at);
  }
  return { state, effects, states };
}
const count = (effects: Effect[], what: Effect['do']) => effects.filter((effect) => effect.do === what).length;
const order: State['at'][] = ['ticket', 'checking', 'greeting', 'dialling', 'open', 'asking', 'closing', 'closed'];

/** A likely beginning, then anything: so that late states are reached often. */
const lives = fc
  .tuple(
    fc.constantFrom<Event[]>(
      [],
      [{ is: 'taken', kind: 'vnc' }, { is: 'admitted' }, { is: 'dialled' }],
      [{ is: 'taken', kind: 'serial' }, { is: 'admitted' }, { is: 'greeted' }, { is: 'dialled' }],
    ),
    fc.nat(4),
    fc.array(anyEvent, { maxLength: 12 }),
  )
  .map(([start, kept, rest]) => [...start.slice(0, kept), ...rest]);

test('whatever happens in whatever order: it only goes forward, is told to close once, gives back once', () => {
  fc.assert(
    fc.property(lives, (events) => {
      const { state, effects, states } = live(events);
      for (let i = 1; i < states.length; i++)
        expect(order.indexOf(states[i] as State['at'])).toBeGreaterThanOrEqual(
          order.indexOf(states[i - 1] as State['at']),
        );
      expect(count(effects, 'close')).toBeLessThanOrEqual(1);
      expect(count(effects, 'begin')).toBeLessThanOrEqual(1);
      const admitted = events.filter(({ is }) => is === 'admitted').length;
      const held = ['greeting', 'dialling', 'open', 'asking'].includes(state.at) ? 1 : 0;
      expect(count(effects, 'release') + count(effects, 'discard') + held).toBe(admitted);
      const dialled = events.filter(({ is }) => is === 'dialled').length;
      expect(count(effects, 'begin') + count(effects, 'drop')).toBe(dialled);
      // Nothing passes after the word that ends it.
      const end = effects.findIndex((effect) => effect.do === 'close');
      if (end >= 0)
        expect(effects.slice(end).some((effect) => effect.do === 'begin' || effect.do === 'dial')).toBe(false);
      if (events.some(({ is }) => is === 'browser-ended')) expect(state.at).toBe('closed');
    }),
    { numRuns: 5_000 },
  );
});

test('whoever is not allowed any more is closed at the next look, in whatever stage', () => {
  fc.assert(
    fc.property(lives, (events) => {
      const { state } = live(events);
      const { state: then } = next(state, { is: 'looked', standing: 'signedOut', idle: false });
      expect(['closing', 'closed']).toContain(then.at);
    }),
  );
});

describe('why it closes', () => {
  const vnc: Event[] = [{ is: 'taken', kind: 'vnc' }, { is: 'admitted' }];
  const open: Event[] = [...vnc, { is: 'dialled' }];
  const refused = (code: (typeof agentErrorCodes)[number]): Event[] => [...vnc, { is: 'refused', code }];
  test.each<[string, Event[], number]>([
    ['a ticket that is none', [{ is: 'not-taken' }], CLOSE.ticket],
    [
      'too many',
      [
        { is: 'taken', kind: 'vnc' },
        { is: 'not-admitted', why: 'tooMany' },
      ],
      CLOSE.tooMany,
    ],
    [
      'no body yet',
      [
        { is: 'taken', kind: 'vnc' },
        { is: 'not-admitted', why: 'noBody' },
      ],
      CLOSE.off,
    ],
    ['a guest that is off', refused('HYPERVISOR'), CLOSE.off],
    ['no domain', refused('NO_SUCH_DOMAIN'), CLOSE.off],
    ['a silent host', refused('HYPERVISOR_AWAY'), CLOSE.hostAway],
    ['a busy host', refused('BUSY'), CLOSE.hostAway],
    ['a host that does not believe us', refused('FORBIDDEN'), CLOSE.failed],
    ['a guest that went off', [...open, { is: 'host-ended' }, { is: 'refused', code: 'HYPERVISOR' }], CLOSE.off],
    ['an agent that restarted', [...open, { is: 'host-ended' }, { is: 'answered' }], CLOSE.hostAway],
    ['nothing typed', [...open, { is: 'looked', standing: 'good', idle: true }], CLOSE.idle],
    ['a server that is given back', [...open, { is: 'looked', standing: 'deleted', idle: false }], CLOSE.deleted],
    ['signed out', [...open, { is: 'looked', standing: 'signedOut', idle: false }], CLOSE.signedOut],
    ['a lost role', [...open, { is: 'looked', standing: 'permissionGone', idle: false }], CLOSE.permissionGone],
    ['ended by a person', [...open, { is: 'looked', standing: 'ended', idle: false }], CLOSE.endedByPerson],
    ['nonsense', [...open, { is: 'misspoke' }], CLOSE.protocol],
    ['a greeting too many', [...open, { is: 'greeted' }], CLOSE.protocol],
    ['a restart', [...open, { is: 'restarting' }], CLOSE.restarting],
    ['a defect', [...open, { is: 'defect' }], CLOSE.failed],
  ])('%s', (_, events, code) => {
    expect(live(events).effects.filter((effect) => effect.do === 'close')).toEqual([{ do: 'close', code }]);
  });
});
