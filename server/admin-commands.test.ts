/** The operator's commands as the installation calls them: arguments, an environment, what is printed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseToken } from '../compute-agent/join.ts';
import { runAdmin, wordsOf } from './admin-commands.ts';
import { createAuthority, fingerprintOf } from './pki/authority.ts';
import { createEmptyDatabase } from './testing/database.ts';

let database: { url: string; drop: () => Promise<void> };
let pki: string;
let caPem: string;

beforeAll(async () => {
  database = await createEmptyDatabase();
  pki = mkdtempSync(join(tmpdir(), 'tsubo-admin-'));
  caPem = (await createAuthority()).certPem;
  writeFileSync(join(pki, 'ca.crt'), caPem);
});
afterAll(async () => {
  await database.drop();
  rmSync(pki, { recursive: true });
});

const admin = (...args: string[]) => runAdmin(args, { DATABASE_URL: database.url, TSUBO_PKI: pki });
async function rows(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

it('sets up an installation, and changes nothing the second time', async () => {
  const digest = 'c'.repeat(64);
  expect(await admin('migrate')).toContain('20261124000000_tables');
  await admin('seed');
  expect(await admin('publish-image', digest, '1234')).toBe('published');
  const login = JSON.parse(await admin('staff-login'));
  expect(login).toEqual({ email: expect.stringContaining('@'), password: expect.any(String) });
  const state = () =>
    rows(`SELECT (SELECT count(*) FROM "Address") AS addresses, (SELECT count(*) FROM "Image") AS images,
      (SELECT string_agg("password", ',') FROM "Credential") AS passwords, (SELECT count(*) FROM "User") AS users`);
  const before = await state();

  expect(await admin('migrate')).toMatch(/up to date$/);
  expect(await admin('seed')).toBe('');
  expect(await admin('publish-image', digest, '1234')).toBe('known');
  expect(await admin('staff-login')).toBe('');
  expect(await state()).toEqual(before);
});

it('prints a join token that the agent takes, and that is stored hashed', async () => {
  const printed = await admin('join-token', '--name', 'host-1');
  const { token, caFingerprint } = parseToken(printed);
  expect(caFingerprint).toBe(fingerprintOf(caPem));
  const [join] = await rows(`SELECT * FROM "HostJoin"`);
  expect(join).toMatchObject({ hostName: 'host-1', zoneId: 'tokyo1', state: 'issued' });
  expect(JSON.stringify(join)).not.toContain(token);
});

it('revokes a host by its name, with a reason', async () => {
  await rows(`INSERT INTO "Host" ("id", "zoneId", "name", "agentUrl", "certFingerprint", "joinedAt")
    VALUES ('hst_1', 'tokyo1', 'host-7', 'https://192.0.2.1:9443', '${'a'.repeat(64)}', now())`);
  const printed = JSON.parse(await admin('hosts', 'revoke', 'host-7', '--reason', 'The machine was stolen.'));
  expect(printed).toEqual({ hostId: 'hst_1', name: 'host-7', servers: 0 });
  const [host] = await rows(`SELECT "certFingerprint", "revokedReason" FROM "Host"`);
  expect(host).toEqual({ certFingerprint: null, revokedReason: 'The machine was stolen.' });
});

it.each([
  [['hosts', 'revoke', 'host-7'], /^Usage: hosts revoke HOST --reason WHY/],
  [['hosts', 'revoke', '--reason', 'x'], /^Usage: hosts revoke/],
  [['hosts', 'revoke', 'nobody', '--reason', 'x'], /NOT_FOUND: host nobody/],
  [['join-token', '--name', 'host-7'], /NAME_TAKEN: host host-7 has joined already; to let it join anew: --again/],
  [['frobnicate'], /^Usage: admin migrate/],
  [['publish-image', 'x', '1'], /SHA-256 in hex/],
  [['publish-image', 'c'.repeat(64), '1', '--family', 'windows'], /--family is one of: debian12, small\.$/],
  [['staff-login', '--email', 'nobody'], /--email is an address/],
  [['set-role-passwords'], /TSUBO_APP_PASSWORD/],
  [['join-token', '--zone', 'mars'], /NOT_FOUND: zone mars/],
] as [string[], RegExp][])('says in one sentence what is wrong: %j', async (args, sentence) => {
  const said = wordsOf(
    await admin(...args).then(
      () => expect.unreachable('should have failed'),
      (error) => error,
    ),
  );
  expect(said).toMatch(sentence);
  expect(said).not.toMatch(/\n/);
});
