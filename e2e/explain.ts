/** The operator's `npm run -s explain`, on the running stack. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { stack } from './customer.ts';
import { patience } from './patience.ts';

const SCRIPT = join(import.meta.dirname, '../scripts/explain.ts');

export function explain(id: string): Promise<{ told: string; said: string; status: number }> {
  const options = { timeout: patience(30_000), env: { ...process.env, TSUBO_DATA: stack.data } };
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, id], options, (error, told, said) =>
      resolve({ told, said, status: error === null ? 0 : Number(error.code ?? -1) }),
    );
  });
}
