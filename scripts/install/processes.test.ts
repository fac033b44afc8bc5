import { expect, test } from 'vitest';
import { parseWorkerConfig } from '../../server/config.ts';
import { layoutOf } from './layout.ts';
import { nginxConfig } from './nginx.ts';
import { processTable } from './processes.ts';
import { readSettings } from './settings.ts';
import type { Users } from './users.ts';

const self = { uid: 1, gid: 1 };
const users: Users = {
  ...{ 'tsubo-pg': self, 'tsubo-web': self, 'tsubo-app': self },
  ...{ 'tsubo-worker': self, 'tsubo-console': self },
};
const DAY_MS = 24 * 3_600_000;

/** What each worker makes of its variables, beside those of its file. */
function workersWith(env: Record<string, string>) {
  const layout = layoutOf('/nonexistent');
  const settings = readSettings(env);
  return processTable({ layout, settings, users, release: layout.release('r1') }, 'all')
    .filter(({ name }) => name.startsWith('worker-'))
    .map((worker) => parseWorkerConfig({ DATABASE_URL: 'postgresql://localhost/x', ...worker.env }));
}

test('each worker keeps events and workflows for as long as the settings say, or for its own default', () => {
  expect(workersWith({ TSUBO_EVENTS_DAYS: '3', TSUBO_WORKFLOWS_DAYS: '90' })).toMatchObject([
    { slot: 'worker-1', kept: { eventsMs: 3 * DAY_MS, workflowsMs: 90 * DAY_MS } },
    { slot: 'worker-2', kept: { eventsMs: 3 * DAY_MS, workflowsMs: 90 * DAY_MS } },
  ]);
  for (const { kept } of workersWith({})) expect(kept).toEqual({ eventsMs: 7 * DAY_MS, workflowsMs: 30 * DAY_MS });
});

test.each([
  ['TSUBO_EVENTS_DAYS', '0'],
  ['TSUBO_EVENTS_DAYS', '1.5'],
  ['TSUBO_WORKFLOWS_DAYS', 'a week'],
  ['TSUBO_WORKFLOWS_DAYS', '100000000'],
])('quickstart refuses %s=%s, which a worker could not work with', (name, value) => {
  expect(() => workersWith({ [name]: value })).toThrow(`${name}="${value}" cannot be used: must be whole days`);
  const worker = { DATABASE_URL: 'postgresql://localhost/x', TSUBO_WORKER_SLOT: 'worker-1', [name]: value };
  expect(() => parseWorkerConfig(worker)).toThrow(`${name} must be whole days`);
});

test('an idle connection between nginx and the app is closed by nginx', () => {
  const layout = layoutOf('/nonexistent');
  const table = processTable({ layout, settings: readSettings({}), users, release: layout.release('r1') }, 'all');
  const app = table.find(({ name }) => name === 'app')!;
  const config = nginxConfig({
    ...{ runFolder: '/run', staticFolder: '/static', port: 8080, appPort: 3000, consolePort: 3001 },
    origin: new URL('http://localhost:8080'),
  });
  const nginxKeeps = Number(/upstream app \{[^}]*keepalive_timeout (\d+)s;/.exec(config)?.[1]);
  expect(Number(app.env.KEEP_ALIVE_TIMEOUT)).toBeGreaterThan(nginxKeeps * 1000);
});
