/**
 * The whole installation, step by step. Every step may be repeated: it finds what is there and changes nothing.
 * quickstart and the test stack both run this; they differ in settings only.
 *
 * An upgrade is the same: what runs is left alone until the database is ready for the new release.
 */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { admin, runDaemon } from './admin.ts';
import { ensureCertificates, ensureOriginCertificate, type Tls } from './certificates.ts';
import { ensureDatabase } from './database.ts';
import { putFile, readIfThere } from './files.ts';
import { addressOfHost, untilHostIsKnown } from './first-host.ts';
import { ensureFolders } from './folders.ts';
import { untilHealthy } from './health.ts';
import { CACHE, type ImageManifest } from './images.ts';
import { openKvm } from './kvm.ts';
import { CLONE, installationFile, type Layout, type Release } from './layout.ts';
import { libvirtAnswers, writeLibvirtConfig } from './libvirt.ts';
import { requireOwnPlace } from './neighbours.ts';
import { nginxConfig } from './nginx.ts';
import { requireFreePorts } from './ports.ts';
import { ensureCluster } from './postgres.ts';
import { healthUrls, processTable, type Stage } from './processes.ts';
import { copyRelease, pruneReleases, switchRelease } from './release.ts';
import { ensureSecrets, type Secrets } from './secrets.ts';
import { originOf, type Settings } from './settings.ts';
import { ensureSshHostKeys } from './ssh-host-keys.ts';
import type { Step } from './step.ts';
import { endLeftovers, runningSupervisor, supervise } from './supervision.ts';
import { ensureUsers } from './users.ts';

export type Installed = {
  origin: string;
  /** Only from the run that made it: the password is stored nowhere. */
  staff: { email: string; password: string } | undefined;
  /** The database as its owner. */
  ownerUrl: string;
};

/** What was built before: by quickstart, or outside of the test stack's namespaces, which have no way to a mirror. */
export type Prepared = { /** The build in dist/. */ digest: string; image: ImageManifest };

export async function install(layout: Layout, settings: Settings, prepared: Prepared, step: Step): Promise<Installed> {
  const { digest, image } = prepared;
  const release = layout.release(digest);
  const users = await step('users, folders', async () => {
    requireOwnPlace(layout, settings);
    const made = ensureUsers();
    ensureFolders(layout, made);
    return made;
  });
  await step(
    'install the release',
    async () => copyRelease(CLONE, layout, digest),
    (installed) => (installed ? digest : `${digest} is there`),
  );
  const { secrets, tls } = await step('secrets and certificates', async () => {
    putFile(installationFile(layout.data), `${JSON.stringify({ clone: CLONE, settings }, null, 2)}\n`, 0o600);
    const made = ensureSecrets(layout, settings, users, CACHE);
    await ensureCertificates(layout, users);
    ensureSshHostKeys(layout, settings, users);
    writeLibvirtConfig(layout);
    return { secrets: made, tls: await ensureOriginCertificate(layout, settings, users) };
  });
  const stage = (name: Stage) => supervise(layout, release, processTable({ layout, settings, users, release }, name));

  const seeded = seedMark(layout, digest, image.digest, settings, secrets);
  await step('PostgreSQL and libvirt', async () => {
    if (!settings.DATABASE_URL && ensureCluster(layout, users, secrets.ownerPassword)) seeded.remove();
    openKvm();
    // What runs goes on with the old release until the database is ready for the new one.
    if (!runningSupervisor(layout)) {
      await endLeftovers(layout);
      await requireFreePorts(settings);
      await stage('base');
    }
    await ensureDatabase(secrets.ownerUrl, !settings.DATABASE_URL);
    await libvirtAnswers(layout);
  });
  await step('migrate, seed, switch to the release', () =>
    switchRelease(layout, digest, async () => {
      const applied = await admin(layout, release, ['migrate']);
      if (applied === 'up to date' && seeded.holds()) return;
      await admin(layout, release, ['set-role-passwords'], {
        TSUBO_APP_PASSWORD: secrets.appPassword,
        TSUBO_WORKER_PASSWORD: secrets.workerPassword,
        TSUBO_PROXY_PASSWORD: secrets.proxyPassword,
      });
      const { TSUBO_BRIDGE_V4, TSUBO_BRIDGE_V6 } = settings;
      await admin(layout, release, ['seed'], { TSUBO_BRIDGE_V4, TSUBO_BRIDGE_V6 });
      await admin(layout, release, ['publish-image', image.digest, String(image.bytes)]);
    }),
  );
  writeNginxConfig(layout, settings, tls);
  const origin = originOf(settings);
  const healthy = async (but: string[]) => {
    for (const [name, url] of Object.entries(healthUrls(settings)))
      if (!but.includes(name)) await untilHealthy(layout, name, url, digest);
  };
  if (!(await hasJoined(layout, settings, secrets))) {
    await step('start the panel', async () => {
      await stage('panel');
      await healthy(['agent']);
    });
    await step('this machine joins as a host', () => joinAsHost(layout, release, settings));
  }
  await step('start what is left, wait for health', async () => {
    await stage('all');
    await healthy([]);
    await untilHostIsKnown(secrets.ownerUrl, hostIdOf(layout));
  });
  pruneReleases(layout);
  // Last: the password is said once, so nothing may fail between making it and saying it.
  const staff = seeded.holds() ? undefined : await step('first staff login', () => firstStaff(layout, release));
  seeded.put();
  return { origin, staff, ownerUrl: secrets.ownerUrl };
}

/** Says that this release has filled this database: a later run need not ask the database for each thing. */
function seedMark(layout: Layout, release: string, image: string, settings: Settings, secrets: Secrets) {
  const file = join(layout.etc, 'seeded');
  const mark = createHash('sha256')
    // The passwords too: where their file was lost, the roles must be given the new ones.
    .update(JSON.stringify([release, image, settings, secrets]))
    .digest('hex');
  return {
    holds: () => readIfThere(file) === mark,
    put: () => putFile(file, mark),
    remove: () => rmSync(file, { force: true }),
  };
}

function writeNginxConfig(layout: Layout, settings: Settings, tls: Tls | undefined): void {
  const config = nginxConfig({
    runFolder: join(layout.run, 'nginx'),
    staticFolder: join(layout.current, 'app/.next/static'),
    origin: new URL(originOf(settings)),
    port: settings.TSUBO_PORT,
    appPort: settings.TSUBO_APP_PORT,
    consolePort: settings.TSUBO_CONSOLE_PORT,
    tls: tls && { ...tls, trusted: settings.TSUBO_TLS_CERT === tls.certificate },
  });
  putFile(join(layout.etc, 'nginx.conf'), config);
}

/** Also not, when the panel knows another address (another port), or another database knows nothing of this host. */
async function hasJoined(layout: Layout, settings: Settings, { ownerUrl }: Secrets): Promise<boolean> {
  if (hostIdOf(layout) === '' || !existsSync(join(layout.agent, 'agent.crt'))) return false;
  return (await addressOfHost(ownerUrl, hostIdOf(layout))) === agentUrl(settings);
}

/** This machine's, as its agent keeps it; empty before it has joined. */
const hostIdOf = (layout: Layout): string =>
  /"hostId":\s*"([\w-]+)"/.exec(readIfThere(join(layout.agent, 'host.json')) ?? '')?.[1] ?? '';

const agentUrl = (settings: Settings): string => `https://127.0.0.1:${settings.TSUBO_AGENT_PORT}`;

/** The same way as any other host: a one-time token, a request, a certificate. */
async function joinAsHost(layout: Layout, release: Release, settings: Settings): Promise<void> {
  // Again: an earlier run may have died after the panel had signed and before the agent kept the answer.
  const token = await admin(layout, release, ['join-token', '--again']);
  // With TLS past nginx: this machine may not know the origin's name, nor trust its certificate.
  const origin = originOf(settings);
  const panel = origin.startsWith('https:') ? `http://127.0.0.1:${settings.TSUBO_APP_PORT}` : origin;
  const options = ['--panel', panel, '--name', hostname(), '--agent-url', agentUrl(settings), '--again'];
  await runDaemon(layout, release, 'agent', 'agent', ['join', ...options], { TSUBO_JOIN_TOKEN: token });
}

/** Makes the first staff login; undefined when one exists already. */
async function firstStaff(layout: Layout, release: Release): Promise<Installed['staff']> {
  const said = await admin(layout, release, ['staff-login']);
  return said === '' ? undefined : (JSON.parse(said) as Installed['staff']);
}
