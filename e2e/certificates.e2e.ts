/** Whom the panel believes, on the built stack: a renewal that nobody notices, a revocation, a host that joins again. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { readPidFile } from '../scripts/supervise/pid-file.ts';
import { issueCertificate, makeRequest } from '../server/pki/authority.ts';
import { signInStaff, stack } from './customer.ts';
import { withDatabase } from './database.ts';
import { patience } from './patience.ts';
import { words } from './words.ts';

const DAY = 86_400_000;
/** The commands as staff read them: in the installation's folder, with the release's own Node. */
const runWith = (input: string, ...args: string[]): string =>
  execFileSync(join(stack.data, 'current/node/bin/node'), args, { cwd: stack.data, encoding: 'utf8', input }).trim();
const run = (...args: string[]): string => runWith('', ...args);
const admin = (...args: string[]): string => run('--env-file=etc/admin.env', 'current/daemons/admin.mjs', ...args);
const query = (sql: string, values: unknown[]) => withDatabase(async (db) => (await db.query(sql, values)).rows);
const hostRow = async () => (await query('SELECT * FROM "Host" WHERE "name" = $1', [stack.hostName]))[0];
const agentPid = () => readPidFile(stack.pidFiles.agent!)!.pid;

test("a host's certificate is renewed while it serves", async () => {
  const staff = await signInStaff();
  const [before, pid] = [await hostRow(), agentPid()];
  const life = [-815, 10].map((days) => new Date(Date.now() + days * DAY));
  await query('UPDATE "Host" SET "certIssuedAt" = $1, "certExpiresAt" = $2', life);
  const host = async () => (await staff.api.staff.hosts.list.query()).find(({ name }) => name === stack.hostName)!;
  // Once a minute the workers look for what is due.
  await expect
    .poll(async () => (await hostRow()).certFingerprint, { timeout: patience(90_000) })
    .not.toBe(before.certFingerprint);
  const served = new X509Certificate(readFileSync(join(stack.data, 'agent/agent.crt')));
  expect(served.fingerprint256.replaceAll(':', '').toLowerCase()).toBe((await hostRow()).certFingerprint);
  const now = await host();
  expect(now).toMatchObject({ silent: false, lastError: null, certificate: { state: 'valid' } });
  expect(Date.parse(now.certificate.expiresAt!)).toBeGreaterThan(Date.now() + 800 * DAY);
  expect(agentPid()).toBe(pid);
});

test("the control plane's own certificate is renewed by the release's program, and the workers use it", async () => {
  const pki = (name: string) => join(stack.data, 'pki', name);
  const authority = { certPem: readFileSync(pki('ca.crt'), 'utf8'), keyPem: readFileSync(pki('ca.key'), 'utf8') };
  const { csrPem, keyPem } = await makeRequest('old');
  const uri = 'tsubo://control-plane/worker';
  const { certPem } = await issueCertificate({ authority, csrPem, uri, days: 29 });
  // Into the files that are there: whose they are and who may read them stays.
  writeFileSync(pki('control-plane.key'), keyPem);
  writeFileSync(pki('control-plane.crt'), certPem);
  expect(run('current/daemons/renew.mjs', stack.data)).toBe('certificates are renewed');
  // Which of the workers watches the host, its id decides.
  const logs = () => ['worker-1', 'worker-2'].map((name) => readFileSync(join(stack.data, `log/${name}.log`), 'utf8'));
  const renewed = new X509Certificate(readFileSync(pki('control-plane.crt')));
  expect(Date.parse(renewed.validTo)).toBeGreaterThan(Date.now() + 360 * DAY);
  // A worker looks when it makes a connection; an agent that comes back is one.
  process.kill(agentPid(), 'SIGKILL');
  await expect.poll(() => logs().join(''), { timeout: patience(60_000) }).toContain(`"until":"${renewed.validTo}"`);
  expect(run('current/daemons/renew.mjs', stack.data)).toBe('the certificates are good');
});

test('a revoked host is shown so, and joins again by the commands that stand there', async ({ browser }) => {
  const context = await browser.newContext();
  await (await signInStaff()).enter(context);
  const page = await context.newPage();
  await page.goto('/staff/hosts');
  const host = page.getByRole('region', { name: stack.hostName });
  const answering = host.getByText(words('staff.hosts.answering'), { exact: true });
  await expect(answering).toBeVisible({ timeout: patience(60_000) });

  admin('hosts', 'revoke', stack.hostName, '--reason', 'ディスクを交換に出した');
  await expect(host.getByText(words('staff.hosts.certificate.revoked'), { exact: true })).toBeVisible();
  await expect(host.getByText('理由：ディスクを交換に出した')).toBeVisible();
  await expect(answering).toHaveCount(0);
  const name = ['--name', stack.hostName, '--again'];
  await expect(host.getByText(`join-token ${name.join(' ')}`)).toBeVisible();

  const token = admin('join-token', ...name);
  const request = ['join', '--panel', stack.origin, '--agent-url', 'https://127.0.0.1:9443', ...name];
  const pid = agentPid();
  const agent = ['--env-file=etc/agent.env', 'current/daemons/agent.mjs'];
  expect(runWith(`${token}\n`, ...agent, ...request)).toContain('Joined');
  await expect(answering).toBeVisible({ timeout: patience(60_000) });
  expect(agentPid()).toBe(pid);
  await context.close();
});
