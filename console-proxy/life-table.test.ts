/** Every state × every event, written out: what it is then, and what is to be done. */
import { describe, expect, test } from 'vitest';
import { type AgentErrorCode, agentErrorCodes } from '../compute-agent/contract/errors.ts';
import { CLOSE } from './contract/socket.ts';
import { type Effect, type Event, next, type State } from './life.ts';
import type { Refusal, Standing } from './permission.ts';

const states: State[] = [
  { at: 'ticket' },
  { at: 'checking', kind: 'vnc' },
  { at: 'checking', kind: 'serial' },
  { at: 'greeting' },
  { at: 'dialling', kind: 'vnc' },
  { at: 'dialling', kind: 'serial' },
  { at: 'open', kind: 'vnc' },
  { at: 'open', kind: 'serial' },
  { at: 'asking' },
  { at: 'closing' },
  { at: 'closed' },
];

const nameOf = (state: State) => ('kind' in state ? `${state.at} ${state.kind}` : state.at);
const wordOf = (effect: Effect) => {
  if (effect.do === 'close') return `close ${effect.code}`;
  return effect.do === 'release' ? `release${effect.wasOpen ? ' open' : ''}` : effect.do;
};
/** `-`: nothing at all. A state is named where it changes. */
function cellOf(state: State, event: Event): string {
  const then = next(state, event);
  const changed = nameOf(then.state) === nameOf(state) ? [] : [nameOf(then.state)];
  return [...changed, ...then.effects.map(wordOf)].join(', ') || '-';
}

type Row = [string, string, string, string, string, string, string, string, string, string, string];
const nothing: Row = ['-', '-', '-', '-', '-', '-', '-', '-', '-', '-', '-'];
const only = (cells: Partial<Record<number, string>>, others: Row = nothing): Row =>
  others.map((cell, at) => cells[at] ?? cell) as Row;
/** From whatever is not over yet; what was admitted is given back. */
const closes = (code: number): Row => {
  const told = `closing, close ${code}`;
  const [release, open] = [`${told}, release`, `${told}, release open`];
  return [told, told, told, release, release, release, open, open, open, '-', '-'];
};
const [TICKET, CHECKING_VNC, CHECKING_SERIAL, GREETING] = [0, 1, 2, 3];
const [DIALLING_VNC, DIALLING_SERIAL, OPEN_VNC, OPEN_SERIAL, ASKING] = [4, 5, 6, 7, 8];
const refusedWith = (code: number): Row => {
  const row = closes(code);
  const at = (place: number) => row[place] as string;
  return only({
    [DIALLING_VNC]: at(DIALLING_VNC),
    [DIALLING_SERIAL]: at(DIALLING_SERIAL),
    [ASKING]: at(ASKING),
  });
};
const notAdmitted = (code: number): Row => {
  const told = `closing, close ${code}`;
  return only({ [CHECKING_VNC]: told, [CHECKING_SERIAL]: told });
};

const byAgent: Record<AgentErrorCode, number> = {
  ...(Object.fromEntries(agentErrorCodes.map((code) => [code, CLOSE.failed])) as Record<AgentErrorCode, number>),
  HYPERVISOR: CLOSE.off,
  NO_SUCH_DOMAIN: CLOSE.off,
  HYPERVISOR_AWAY: CLOSE.hostAway,
  BUSY: CLOSE.hostAway,
  UNKNOWN_OUTCOME: CLOSE.hostAway,
};
const byRefusal: Record<Refusal, number> = {
  signedOut: CLOSE.signedOut,
  permissionGone: CLOSE.permissionGone,
  deleted: CLOSE.deleted,
  tooMany: CLOSE.tooMany,
  noBody: CLOSE.off,
};
const byStanding: Record<Exclude<Standing, 'good'>, number> = {
  signedOut: CLOSE.signedOut,
  permissionGone: CLOSE.permissionGone,
  deleted: CLOSE.deleted,
  ended: CLOSE.endedByPerson,
};
const entries = <K extends string, V>(record: Record<K, V>) => Object.entries(record) as [K, V][];
const left = 'closed, release';
const leftOpen = 'closed, release open';

const table: [Event, Row][] = [
  [{ is: 'taken', kind: 'vnc' }, only({ [TICKET]: 'checking vnc, admit' })],
  [{ is: 'taken', kind: 'serial' }, only({ [TICKET]: 'checking serial, admit' })],
  [{ is: 'not-taken' }, only({ [TICKET]: `closing, close ${CLOSE.ticket}` })],
  [
    { is: 'admitted' },
    only(
      { [CHECKING_VNC]: 'dialling vnc, dial', [CHECKING_SERIAL]: 'greeting, greet' },
      nothing.map(() => 'discard') as Row,
    ),
  ],
  ...entries(byRefusal).map(([why, code]): [Event, Row] => [{ is: 'not-admitted', why }, notAdmitted(code)]),
  [{ is: 'greeted' }, only({ [GREETING]: 'dialling serial, dial' }, closes(CLOSE.protocol))],
  [
    { is: 'dialled' },
    only(
      { [DIALLING_VNC]: 'open vnc, begin', [DIALLING_SERIAL]: 'open serial, begin' },
      nothing.map(() => 'drop') as Row,
    ),
  ],
  ...entries(byAgent).map(([code, close]): [Event, Row] => [{ is: 'refused', code }, refusedWith(close)]),
  [{ is: 'answered' }, only({ [ASKING]: `closing, close ${CLOSE.hostAway}, release open` })],
  [{ is: 'host-ended' }, only({ [OPEN_VNC]: 'asking, ask', [OPEN_SERIAL]: 'asking, ask' })],
  [
    { is: 'browser-ended' },
    ['closed', 'closed', 'closed', left, left, left, leftOpen, leftOpen, leftOpen, 'closed', '-'],
  ],
  [{ is: 'misspoke' }, closes(CLOSE.protocol)],
  [{ is: 'looked', standing: 'good', idle: false }, nothing],
  [{ is: 'looked', standing: 'good', idle: true }, closes(CLOSE.idle)],
  ...entries(byStanding).flatMap(([standing, code]) =>
    [false, true].map((idle): [Event, Row] => [{ is: 'looked', standing, idle }, closes(code)]),
  ),
  [{ is: 'restarting' }, closes(CLOSE.restarting)],
  [{ is: 'defect' }, closes(CLOSE.failed)],
];

describe('the table', () => {
  test.each(table.map(([event, row]) => ({ name: JSON.stringify(event), event, row })))('$name', ({ event, row }) => {
    expect(Object.fromEntries(states.map((state) => [nameOf(state), cellOf(state, event)]))).toEqual(
      Object.fromEntries(states.map((state, at) => [nameOf(state), row[at]])),
    );
  });

  test('knows every state and every event that there is, each once', () => {
    // Records, so that a new one is missed by the compiler.
    const stages: Record<State['at'], number> = {
      ...{ ticket: 1, checking: 2, greeting: 1, dialling: 2, open: 2, asking: 1, closing: 1, closed: 1 },
    };
    const kinds: Record<Event['is'], number> = {
      ...{ taken: 2, 'not-taken': 1, admitted: 1, 'not-admitted': 5, greeted: 1, dialled: 1 },
      ...{ refused: agentErrorCodes.length, answered: 1, 'host-ended': 1, 'browser-ended': 1 },
      ...{ misspoke: 1, looked: 10, restarting: 1, defect: 1 },
    };
    const count = (names: string[]) =>
      Object.fromEntries(names.map((name) => [name, names.filter((other) => other === name).length]));
    expect(count(states.map(({ at }) => at))).toEqual(stages);
    expect(count(table.map(([{ is }]) => is))).toEqual(kinds);
    expect(new Set(table.map(([event]) => JSON.stringify(event))).size).toBe(table.length);
  });

  test('leads to every code of the contract', () => {
    const codes = table.flatMap(([event]) =>
      states.flatMap((state) => next(state, event).effects.flatMap((one) => (one.do === 'close' ? [one.code] : []))),
    );
    expect(new Set(codes)).toEqual(new Set(Object.values(CLOSE)));
  });
});
