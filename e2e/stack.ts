/** The running stack that scripts/stack/run describes in the file named by TSUBO_STACK. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const stackFile = z.object({
  origin: z.url(),
  /** TSUBO_DATA of this stack. */
  data: z.string(),
  /** The database as its owner: for the checker, never for the product. */
  ownerUrl: z.string(),
  staff: z.object({ email: z.string(), password: z.string() }),
  bridge: z.string(),
  hostName: z.string(),
  /** Process name → pid file. */
  pidFiles: z.record(z.string(), z.string()),
  simulatedAgent: z.boolean(),
});
export type Stack = z.infer<typeof stackFile>;

export function readStack(): Stack {
  const file = process.env.TSUBO_STACK;
  if (file === undefined) throw new Error('No stack: run it by `scripts/stack/run -- npx playwright test`');
  const stack = stackFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  if (stack.simulatedAgent) throw new Error('e2e runs on a real hypervisor only; this stack has the simulated agent');
  return stack;
}
