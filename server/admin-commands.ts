/**
 * The operator's commands, run as root with the database owner's DATABASE_URL. Each may be repeated and changes
 * nothing that is there. Answers go to standard output (JSON where there is more than one value), the rest to
 * standard error; a failure is one sentence and status 1.
 *
 *   migrate                              applies what is missing of prisma/migrations and DBOS's own
 *   seed                                 zone, plans, tax rates, address pools (TSUBO_BRIDGE_V4, TSUBO_BRIDGE_V6)
 *   set-role-passwords                   from TSUBO_APP_PASSWORD, TSUBO_WORKER_PASSWORD, …_PROXY_…, …_GATEWAY_…
 *   publish-image DIGEST BYTES [--family small]
 *   staff-login [--email ADDRESS]        an admin; prints {email, password} once, nothing when there is one
 *   join-token [--name NAME] [--zone ZONE] [--again]  prints a one-time token with which a machine becomes a host
 *                                        (agent join asks for it, or takes it from TSUBO_JOIN_TOKEN);
 *                                        it holds the CA's fingerprint (TSUBO_PKI or TSUBO_DATA/pki), so that the
 *                                        machine knows whom it joins. --again: also when a host of this name is
 *                                        there; it stays the same host, and its old certificate ends
 *   hosts revoke HOST --reason WHY       HOST is its id or name: nothing that it presents is accepted from now on, until
 *                                        the machine has joined again (join-token --again, then agent join --again)
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate } from '../prisma/migrate.ts';
import { seed } from '../prisma/seed.ts';
import { setRolePasswords } from './auth/role-passwords.ts';
import { createStaffLogin } from './auth/staff-login.ts';
import { imageFamilies, publishImage } from './catalog/publish-image.ts';
import { parseAdminConfig } from './config.ts';
import { createDb } from './db.ts';
import { createDeps, type Deps } from './deps.ts';
import { PublicError } from './errors.ts';
import { issueJoinToken } from './hosts/join.ts';
import { revokeHost } from './hosts/revoke.ts';
import { createLogger } from './log.ts';
import { fingerprintOf } from './pki/authority.ts';

/** Beside the sources as beside the installed programs. */
const MIGRATIONS = join(import.meta.dirname, '../prisma/migrations');

type Environment = Record<string, string | undefined>;
type Command = (url: string, args: string[], env: Environment) => Promise<string>;

const commands: Record<string, Command> = {
  migrate: async (url) => {
    const applied = await migrate(url, MIGRATIONS);
    return applied.length === 0 ? 'up to date' : applied.join('\n');
  },
  seed: (url, _, env) =>
    withDeps(url, async ({ db }) => {
      const [v4, v6] = [env.TSUBO_BRIDGE_V4 || '10.77.0.1/24', env.TSUBO_BRIDGE_V6 || 'fd77:7473:7562::1/64'];
      await seed(db, { v4, v6 });
      return '';
    }),
  'set-role-passwords': async (url, _, env) => {
    const roles = ['app', 'worker', 'proxy', 'gateway'];
    const given = roles.flatMap((role) => {
      const password = env[`TSUBO_${role.toUpperCase()}_PASSWORD`];
      return password ? [[`tsubo_${role}`, password] as const] : [];
    });
    if (given.length === 0) throw new Error('None of TSUBO_APP_PASSWORD, TSUBO_WORKER_PASSWORD, … is set.');
    await setRolePasswords(url, Object.fromEntries(given));
    return '';
  },
  'publish-image': (url, args) =>
    withDeps(url, async (deps) => {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { family: { type: 'string', default: 'small' } },
      });
      const [digest = '', size = ''] = positionals;
      const family = imageFamilies.find((name) => name === values.family);
      if (!family) throw new Error(`--family is one of: ${imageFamilies.join(', ')}.`);
      if (!/^[0-9a-f]{64}$/.test(digest) || !/^[1-9]\d*$/.test(size))
        throw new Error('publish-image takes the SHA-256 in hex and the size in bytes of the qcow2 file.');
      return (await publishImage(deps, { family, digest, bytes: Number(size) })) ? 'published' : 'known';
    }),
  'staff-login': (url, args) =>
    withDeps(url, async (deps) => {
      const { values } = parseArgs({ args, options: { email: { type: 'string' } } });
      if (values.email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(values.email))
        throw new Error('--email is an address like name@example.com.');
      const made = await createStaffLogin(deps, values.email ? { email: values.email } : {});
      return made ? JSON.stringify(made) : '';
    }),
  'join-token': (url, args, env) =>
    withDeps(url, async (deps) => {
      const { values } = parseArgs({
        args,
        options: {
          name: { type: 'string', default: hostname() },
          zone: { type: 'string', default: 'tokyo1' },
          again: { type: 'boolean', default: false },
        },
      });
      const caFingerprint = fingerprintOf(readFileSync(join(parseAdminConfig(env).pkiDir, 'ca.crt'), 'utf8'));
      const { name, zone: zoneId, again } = values;
      return `tsubo1.${await issueJoinToken(deps, { name, zoneId, again })}.${caFingerprint}`;
    }),
  hosts: (url, args) => withDeps(url, (deps) => revoke(deps, args)),
};

async function revoke(deps: Deps, args: string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { reason: { type: 'string', default: '' } },
  });
  const [verb, host, ...more] = positionals;
  const reason = values.reason.trim();
  if (verb !== 'revoke' || !host || more.length > 0 || reason === '')
    throw new Error('Usage: hosts revoke HOST --reason WHY (HOST is an id or a name).');
  return JSON.stringify(await revokeHost(deps, { host, reason: reason.slice(0, 500) }));
}

async function withDeps(url: string, work: (deps: Deps) => Promise<string>): Promise<string> {
  const db = createDb(url, { max: 2 });
  try {
    return await work(createDeps(db, createLogger('admin', 'silent')));
  } finally {
    await db.$disconnect();
  }
}

/**
 * @param args the command's name and what follows it
 * @returns what is printed. @throws Error whose words are for the operator
 */
export async function runAdmin([name = '', ...args]: string[], env: Environment): Promise<string> {
  const command = commands[name];
  if (!command) throw new Error(`Usage: admin ${Object.keys(commands).join(' | ')}`);
  return command(parseAdminConfig(env).databaseUrl, args, env);
}

/** One line: an error and its causes. */
export function wordsOf(error: unknown): string {
  const chain: string[] = [];
  for (let at: unknown = error; at instanceof Error && chain.length < 5; at = at.cause)
    chain.push(at instanceof PublicError && at.message !== at.code ? `${at.code}: ${at.message}` : at.message);
  return (chain.join(': ') || String(error)).replaceAll(/\s*\n\s*/g, ' ');
}
