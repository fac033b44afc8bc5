import { describe, expect, it } from 'vitest';
import { parseAdminConfig, parseAppConfig, parseWorkerConfig } from './config.ts';

const app = {
  DATABASE_URL: 'postgresql://tsubo_app:pw@127.0.0.1:54329/tsubo',
  TSUBO_ORIGIN: 'http://localhost:8080',
  BETTER_AUTH_SECRET: 'x'.repeat(32),
};
const worker = { DATABASE_URL: app.DATABASE_URL, TSUBO_WORKER_SLOT: 'worker-1' };

describe('the environment', () => {
  it('has defaults for what need not be said', () => {
    expect(parseAppConfig(app)).toMatchObject({
      dataDir: '/var/lib/tsubo',
      logLevel: 'info',
      origin: app.TSUBO_ORIGIN,
      stopTimeoutMs: 120_000,
    });
    expect(parseWorkerConfig({ ...worker, TSUBO_DATA: '/srv/t' })).toMatchObject({
      pkiDir: '/srv/t/pki',
      stopTimeoutMs: 120_000,
      stepBudgetMs: 120_000,
      takeoverMs: 10_000,
      healthPort: 3201,
      kept: { eventsMs: 7 * 86_400_000, workflowsMs: 30 * 86_400_000 },
    });
  });

  it.each([
    [{ DATABASE_URL: undefined }, 'The environment variable DATABASE_URL must be set.'],
    [{ DATABASE_URL: 'mysql://x' }, 'The environment variable DATABASE_URL must be a PostgreSQL URL'],
    [{ TSUBO_ORIGIN: 'http://localhost:8080/' }, 'The environment variable TSUBO_ORIGIN must be scheme, name and port'],
    [{ TSUBO_ORIGIN: 'http://panel.example' }, 'The environment variable TSUBO_ORIGIN must be https'],
    [{ BETTER_AUTH_SECRET: 'short' }, 'The environment variable BETTER_AUTH_SECRET must be at least 32'],
    [{ TSUBO_LOG_LEVEL: 'loud' }, 'The environment variable TSUBO_LOG_LEVEL'],
    [{ TSUBO_DATA: 'relative' }, 'The environment variable TSUBO_DATA must be an absolute path.'],
  ])('is refused with a sentence: %o', (change, sentence) => {
    expect(() => parseAppConfig({ ...app, ...change })).toThrow(sentence);
  });

  it('never repeats a wrong value', () => {
    expect(() => parseAppConfig({ ...app, BETTER_AUTH_SECRET: 'hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
    expect(() => parseAdminConfig({ DATABASE_URL: 'x:pw' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('pw') }),
    );
  });

  it.each([
    { TSUBO_WORKER_SLOT: undefined },
    { TSUBO_WORKER_SLOT: 'worker 1' },
    { TSUBO_HEALTH_PORT: '70000' },
    { TSUBO_EVENTS_DAYS: '0' },
  ])('is refused for a worker: %o', (change) => {
    expect(() => parseWorkerConfig({ ...worker, ...change })).toThrow(`variable ${Object.keys(change)[0]} `);
  });
});
