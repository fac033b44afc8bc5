/** One harness for a file of tests, swept clean before each of them. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createHarness, type Harness } from './testing.ts';

/** Calls `ready` before the first test; the file keeps what it is given. */
export function withHarness(ready: (harness: Harness) => void): void {
  let h: Harness;
  beforeAll(async () => {
    h = await createHarness();
    ready(h);
  });
  afterAll(() => h.drop());
  beforeEach(async () => {
    h.agent.clearFaults();
    h.agent.guest.ignoresAcpi.clear();
    h.agent.guest.doesNotStart.clear();
    h.agent.gate.before = async () => {};
    for (const { id } of await h.deps.db.server.findMany({ where: { deletedAt: null } }))
      await h.run(await h.request('delete', id));
  });
}
