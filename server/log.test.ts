import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';

function capture(log: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  let line = '';
  const write = (text: string) => {
    line += text;
  };
  log(createLogger('app', 'info', { write }));
  return JSON.parse(line);
}

describe('a log line', () => {
  it('is JSON with time, level, process and msg', () => {
    expect(capture((log) => log.info({ requestId: 'req_1' }, 'hello'))).toMatchObject({
      level: 'info',
      process: 'app',
      requestId: 'req_1',
      msg: 'hello',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('holds no secret', () => {
    const line = capture((log) =>
      log.info({ password: 'a1', body: { newPassword: 'b2', deep: { token: 'c3' } }, headers: { cookie: 'd4' } }, 'x'),
    );
    expect(JSON.stringify(line)).not.toMatch(/a1|b2|c3|d4/);
  });

  it('has the chain of causes, each with its own words, and no more of an error than that', () => {
    const root = Object.assign(new Error('connect postgresql://tsubo_app:s3cret@127.0.0.1/x'), {
      code: 'ECONNREFUSED',
      config: { password: 's3cret' },
    });
    const line = capture((log) => log.error({ err: new Error('cannot order', { cause: root }) }, 'x'));
    expect(line.err).toMatchObject({ message: 'cannot order', cause: { code: 'ECONNREFUSED', message: /connect/ } });
    expect(JSON.stringify(line)).not.toContain('s3cret');
  });
});
