/** Every way in which the proxy ends a console has a sentence in both languages, and there is no sentence too many. */
import { describe, expect, it } from 'vitest';
import { CLOSE, RESUMES } from '../../../console-proxy/contract/socket.ts';
import en from '../../_lib/messages/en/console.json';
import ja from '../../_lib/messages/ja/console.json';
import { type SaidKey, said } from './sentence.ts';
import { aConsole, connected, cut, type Told } from './testing.ts';

const languages = { ja: ja.said, en: en.said } as Record<string, Record<string, string | Record<string, string>>>;

/** A record, so that a new code without a sentence is missed by the compiler. */
const byName: Record<keyof typeof CLOSE, SaidKey> = {
  restarting: 'reconnecting',
  ticket: 'reconnecting',
  signedOut: 'signedOut',
  permissionGone: 'permissionGone',
  deleted: 'deleted',
  // The panel's own news of the server follows, and says that it is off.
  off: 'reconnecting',
  idle: 'idleLimit',
  tooMany: 'tooMany',
  hostAway: 'reconnecting',
  protocol: 'failed',
  failed: 'failed',
  endedByPerson: 'endedBySomebody',
};
/** WebSocket's own: gone, not its protocol, no data of ours, none came, cut, bad text, too long, a defect. */
const byNumber: Record<number, SaidKey> = {
  ...{ 1001: 'reconnecting', 1002: 'failed', 1003: 'failed', 1005: 'reconnecting', 1006: 'reconnecting' },
  ...{ 1007: 'failed', 1009: 'failed', 1011: 'failed' },
};

describe('every close code', () => {
  const codes = [
    ...Object.entries(byName).map(([name, key]) => [name, CLOSE[name as keyof typeof CLOSE], key] as const),
    ...Object.entries(byNumber).map(([code, key]) => ['of WebSocket', Number(code), key] as const),
  ];
  it.each(codes)('%s, %d: %s', (_, code, key) => {
    for (const kind of ['vnc', 'serial'] as const) {
      for (const one of [connected(kind), aConsole(kind).tell({ type: 'connect' })]) {
        // What never stood was not lost.
        const { wasOpen } = one.state;
        expect(one.tell(cut(code)).key()).toBe(key === 'reconnecting' && !wasOpen ? 'retrying' : key);
        expect(RESUMES.has(code) || code === CLOSE.off).toBe(one.state.phase === 'reconnecting');
      }
    }
  });

  it('a guest that is off is waited for, in words', () => {
    const one = connected('vnc').tell(cut(CLOSE.off), { type: 'server', server: 'off' });
    expect(one.key()).toBe('stopped');
  });
});

/** Whatever can happen, in whatever order, up to so many steps: every sentence that is ever said. */
function everySentence(): Set<SaidKey> {
  const ending = { at: '2026-11-24T11:41:00.000Z', byStaff: false, name: '佐藤', reason: null };
  const events: Told[] = [
    ...([{ type: 'connect' }, { type: 'disconnect' }, { type: 'opened' }, { type: 'drawn' }] as const),
    { type: 'ticket', viewOnly: true },
    { type: 'ending', ending },
    { type: 'ending', ending: { ...ending, byStaff: true, name: null, reason: '調査' } },
    ...Object.values(CLOSE).map((code) => cut(code)),
    ...(['running', 'off', 'starting', 'restarting', 'gone'] as const).map(
      (server) => ({ type: 'server', server }) as const,
    ),
  ];
  const found = new Set<SaidKey>();
  const look = (one: ReturnType<typeof aConsole>) => {
    for (const knows of [true, false]) found.add(said(one.state, knows).key);
  };
  for (const kind of ['vnc', 'serial'] as const)
    for (const first of [null, ...events])
      for (const second of events)
        for (const third of events) {
          const one = aConsole(kind).tell({ type: 'connect' });
          if (first) one.tell(first);
          look(one.tell(second));
          look(one.tell(third));
          // Nothing is heard for long.
          look(one.at(11 * 60_000).tell({ type: 'tick' }));
          look(one.tell(cut()));
          look(one.at(11 * 60_000).tell({ type: 'tick' }, cut()));
        }
  for (const kind of ['vnc', 'serial'] as const) look(aConsole(kind));
  return found;
}

describe('every sentence', () => {
  const found = [...everySentence()].sort();
  it.each(Object.keys(languages))('%s: is there, and is said by something', (language) => {
    const words = languages[language] ?? {};
    expect(Object.keys(words).sort()).toEqual(found);
    for (const [key, text] of Object.entries(words))
      for (const one of typeof text === 'string' ? [text] : Object.values(text))
        expect(one.trim().length, key).toBeGreaterThan(5);
  });

  it('has the same gaps in both', () => {
    const gaps = (text: unknown) => [...JSON.stringify(text).matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name).sort();
    for (const key of found) expect([key, gaps(languages.ja?.[key])]).toEqual([key, gaps(languages.en?.[key])]);
  });
});
