/** For a file of tests: one lab, whose browsers are gone and whose agent says yes again after each of them. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Browser, createLab, type Lab } from './testing.ts';
import { eventually } from './testing-wait.ts';

/** Registers the file's hooks. */
export function labOfFile() {
  let lab: Lab;
  const open: Browser[] = [];
  const consoles = () => lab.db.consoleSession.findMany();
  const nobody = () => eventually(async () => expect(await consoles()).toEqual([]));
  beforeAll(async () => {
    lab = await createLab();
  });
  afterAll(() => lab.end());
  afterEach(async () => {
    for (const { ws } of open.splice(0)) ws.terminate();
    lab.agent.refuses = null;
    lab.agent.onStream = () => {};
    await nobody();
  });
  return {
    /** From the first hook on. */
    lab: () => lab,
    /** Its browser is ended after the test. */
    async connect(...args: Parameters<Lab['browser']>): Promise<Browser> {
      const browser = await lab.browser(...args);
      open.push(browser);
      return browser;
    },
    consoles,
    /** Is at a console any more. */
    nobody,
    endAfterwards: (...browsers: Browser[]) => void open.push(...browsers),
  };
}
