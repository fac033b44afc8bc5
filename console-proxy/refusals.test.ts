/** Who may not: tickets, origins, hosts that open nothing, and one console too many. */
import { expect, test } from 'vitest';
import { CLOSE } from './contract/socket.ts';
import { Browser, type Lab } from './testing.ts';
import { labOfFile } from './testing-lab.ts';
import { eventually } from './testing-wait.ts';

const { lab, connect, consoles, endAfterwards } = labOfFile();
const VERSION = Buffer.from('RFB 003.008\n');

const codeOf = async (...args: Parameters<Lab['browser']>) => (await (await connect(...args)).closed).code;

test('a ticket that is unknown, used, or of another time', async () => {
  const ticket = await lab().ticket();
  const [first, second] = [new Browser(lab().proxy.port, ticket), new Browser(lab().proxy.port, ticket)];
  endAfterwards(first, second);
  const lost = await Promise.race([first.closed, second.closed]);
  expect(lost).toEqual({ code: CLOSE.ticket, reason: '' });
  for (const nonsense of ['x', 'A'.repeat(43)]) {
    const browser = new Browser(lab().proxy.port, nonsense);
    expect((await browser.closed).code).toBe(CLOSE.ticket);
  }
  const stale = await lab().ticket();
  await lab().db.ticket.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } });
  expect((await new Browser(lab().proxy.port, stale).closed).code).toBe(CLOSE.ticket);
});

test('another origin, address or protocol is answered by HTTP, and its ticket stays whole', async () => {
  const ticket = await lab().ticket();
  for (const origin of ['https://evil.example', 'null', `${'http://localhost:8080'}.evil.example`]) {
    const browser = new Browser(lab().proxy.port, ticket, { origin });
    await expect(browser.opened).rejects.toThrow('403');
  }
  const browser = new Browser(lab().proxy.port, ticket);
  endAfterwards(browser);
  await browser.opened;
});

test('a guest that is off, a host that is away, one that does not believe us', async () => {
  for (const [refuses, code] of [
    ['HYPERVISOR', CLOSE.off],
    ['NO_SUCH_DOMAIN', CLOSE.off],
    ['HYPERVISOR_AWAY', CLOSE.hostAway],
  ] as const) {
    lab().agent.refuses = refuses;
    expect(await codeOf()).toBe(code);
  }
  lab().agent.refuses = 'FORBIDDEN';
  const { code, reason } = await (await connect()).closed;
  expect(code).toBe(CLOSE.failed);
  expect(reason).toMatch(/^E-[A-Z2-7]{6}$/);
  await lab().db.host.update({ where: { id: 'hst_1' }, data: { agentUrl: 'https://127.0.0.1:1' } });
  expect(await codeOf()).toBe(CLOSE.hostAway);
  await lab().db.host.update({ where: { id: 'hst_1' }, data: { agentUrl: lab().agent.url } });
});

test('the sixth of an account', async () => {
  lab().agent.onStream = (socket) => void socket.write(VERSION);
  const other = await lab().start();
  const browsers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => connect({}, (n % 2 ? other : lab().proxy).port)),
  );
  const ended: number[] = [];
  for (const { closed } of browsers) void closed.then(({ code }) => ended.push(code));
  await eventually(() => expect(ended).toHaveLength(3));
  await eventually(() => expect(browsers.filter(({ bytes }) => bytes.equals(VERSION))).toHaveLength(5));
  expect(ended).toEqual([CLOSE.tooMany, CLOSE.tooMany, CLOSE.tooMany]);
  expect(await consoles()).toHaveLength(5);
  await other.close();
});
