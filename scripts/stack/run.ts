/**
 * The inside of scripts/stack/run: brings the stack up, runs the command, takes the stack down.
 *
 *   node run.ts DATA COMMAND [ARG…]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, layoutOf } from '../install/layout.ts';
import { createSteps, explainFailure } from '../install/step.ts';
import { stopAll } from '../install/supervision.ts';
import { bringUp, bringUpLibvirt } from './up.ts';

const [data, command, ...args] = process.argv.slice(2);
if (process.env.TSUBO_ISOLATED !== 'yes' || !data || !command) {
  throw new Error('scripts/stack/run starts this, inside scripts/stack/isolate');
}
const layout = layoutOf(data);

let status = 70;
// A stack that came up in part is taken down, too.
let down: () => Promise<unknown> = () => stopAll(layout);
try {
  // Empty: --only libvirt.
  const prepared = process.env.TSUBO_STACK_PREPARED;
  const step = createSteps((text) => process.stderr.write(text));
  const up = prepared ? await bringUp(layout, JSON.parse(prepared), step) : await bringUpLibvirt(layout);
  down = up.down;
  status = await run(command, args, up.environment);
} catch (error) {
  process.stderr.write(explainFailure(error));
} finally {
  await down().catch((error: unknown) => process.stderr.write(`${error}\n`));
}
if (status !== 0) {
  const kept = join(CLONE, 'test-results/stack');
  rmSync(kept, { recursive: true, force: true });
  cpSync(layout.log, kept, { recursive: true });
  process.stderr.write(`The stack's logs: ${kept}\n`);
}
process.exit(status);

async function run(program: string, args: string[], environment: Record<string, string>): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
  // Ctrl-C goes to the whole group; this process stays to clear up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
