/**
 * The supervisor's program: `node supervise.mjs TSUBO_DATA`. Runs as root, so that it can start each process
 * as that process's own user.
 */
import { renewDaily } from './supervise/daily.ts';
import { Supervisor } from './supervise/supervisor.ts';

const data = process.argv[2];
if (!data?.startsWith('/')) {
  console.error('usage: supervise TSUBO_DATA (an absolute path)');
  process.exit(64);
}

const say = (msg: string, fields: Record<string, unknown> = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level: 'info', process: 'supervisor', msg, ...fields }));

const supervisor = new Supervisor(data, say);
try {
  supervisor.claim();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(75);
}

let ending = false;
const end = async (signal: string) => {
  if (ending) return;
  ending = true;
  say('ending', { signal });
  await supervisor.stop();
  process.exit(0);
};
process.on('SIGTERM', (signal) => void end(signal));
process.on('SIGINT', (signal) => void end(signal));
process.on('SIGHUP', () => void supervisor.reconcile());
process.on('uncaughtException', (error) => say('unexpected', { error: error.stack }));
await supervisor.reconcile();
renewDaily(data, say);
