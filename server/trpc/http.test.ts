/** What goes over the wire: tRPC's own errors, the shape of ours, and the event stream with its resumption. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emit } from '../events/emit.ts';
import { createEventHub, type EventHub } from '../events/hub.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type TestDeps, testDeps } from '../testing/deps.ts';
import { createPerson } from '../testing/people.ts';
import { createContextInner, type SessionFacts } from './context.ts';
import { appRouter } from './root.ts';

const origin = 'http://localhost:8080';
let test: TestDatabase;
let deps: TestDeps;
let events: EventHub;
let person: { session: SessionFacts; accountId: string };

beforeAll(async () => {
  test = await createTestDatabase();
  deps = testDeps(test.db);
  events = createEventHub({ url: test.url, log: deps.log });
  person = await createPerson(deps);
});
afterAll(async () => {
  await events.close();
  await test.drop();
});

function call(path: string, init: RequestInit = {}, session: SessionFacts | null = person.session): Promise<Response> {
  const headers = new Headers(init.headers);
  const request = { requestId: 'r', origin: headers.get('origin'), ip: null, userAgent: null, accountId: null };
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: new Request(`${origin}/api/trpc/${path}`, init),
    router: appRouter,
    createContext: () =>
      createContextInner({ ...deps, origin, events, stopTimeoutMs: 1, sshDoor: null }, { session, request }),
  });
}
const post = (path: string, body: string, headers = {}) =>
  call(path, { method: 'POST', body, headers: { 'content-type': 'application/json', origin, ...headers } });

describe('errors on the wire', () => {
  it.each([
    ['no such procedure', () => call('servers.nothing'), 404, 'NOT_FOUND'],
    ['a change by GET', () => call('account.preferences?input={}', { headers: { origin } }), 405, 'NOT_FOUND'],
    ['no JSON', () => post('account.preferences', '{'), 400, 'INPUT'],
    ['no session', () => call('account.me', {}, null), 401, 'UNAUTHENTICATED'],
    ['another origin', () => post('account.preferences', '{}', { origin: 'http://evil.example' }), 403, 'BAD_ORIGIN'],
    ['wrong input', () => post('account.preferences', '{"theme":"pink"}'), 400, 'INPUT'],
  ])('%s', async (_, request, status, code) => {
    const response = await request();
    expect(response.status).toBe(status);
    const { error } = await response.json();
    expect(error).toMatchObject({ message: code, data: { tsubo: { code } } });
    expect(Object.keys(error.data).sort()).toEqual(['code', 'httpStatus', 'tsubo']);
    expect(JSON.stringify(error)).not.toMatch(/stack|node_modules|zod/i);
  });
});

describe('the event stream', () => {
  /** Reads SSE until `count` data lines with an id have come; returns [id, data]. */
  async function read(response: Response, count: number): Promise<[string, unknown][]> {
    const found: [string, unknown][] = [];
    let text = '';
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    while (reader && found.length < count) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const id = /^id: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (id && data) found.push([id, JSON.parse(data)]);
      }
    }
    await reader?.cancel();
    return found;
  }
  const write = (subject: string) =>
    test.db.$transaction((tx) => emit(tx, { accountId: person.accountId, subject, kind: 'x', at: deps.clock.now() }));

  it('sends each event with its cursor as id, and resumes behind the Last-Event-Id that a browser sends', async () => {
    const first = await call('events.stream');
    expect(first.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reading = read(first, 2);
    // Else both might lie before the place from which a stream without a cursor begins.
    (await events.subscribe(() => {})).close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await write('server:1');
    await write('server:2');
    const got = await reading;
    expect(got).toMatchObject([
      [expect.stringMatching(/^\d+\.\d+$/), { subject: 'server:1', kind: 'x' }],
      [expect.any(String), { subject: 'server:2' }],
    ]);
    await write('server:3');
    const again = await call('events.stream', { headers: { 'last-event-id': got[0]?.[0] ?? '' } });
    expect((await read(again, 2)).map(([, data]) => data)).toMatchObject([
      { subject: 'server:2' },
      { subject: 'server:3' },
    ]);
  });

  it('is closed to who has not signed in', async () => {
    const response = await call('events.stream', {}, null);
    expect(await response.text()).toMatch(/UNAUTHENTICATED/);
  });

  it('is refused when a session has too many; one that is left makes room', async () => {
    const { session } = await createPerson(deps);
    const open = () => call('events.stream', {}, session);
    const firstWords = async ({ body }: Response) => {
      const reader = body?.getReader();
      let text = '';
      while (!text.includes('TOO_MANY')) {
        const chunk = await Promise.race([reader?.read(), new Promise<undefined>((done) => setTimeout(done, 100))]);
        if (chunk === undefined || chunk.done) break;
        text += new TextDecoder().decode(chunk.value as BufferSource);
      }
      return { text, leave: () => reader?.cancel() };
    };
    for (let n = 0; n < 12; n++) await (await firstWords(await open())).leave();
    const streams = await Promise.all(Array.from({ length: 10 }, async () => firstWords(await open())));
    for (const { text } of streams) expect(text).not.toContain('TOO_MANY');
    expect((await firstWords(await open())).text).toContain('TOO_MANY_REQUESTS');
    await streams[0]?.leave();
    const again = await firstWords(await open());
    expect(again.text).not.toContain('TOO_MANY');
    for (const { leave } of [again, ...streams]) await leave();
  });
});
