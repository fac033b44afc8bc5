/**
 * The compute-agent of one host.
 *
 *   agent [run]
 *   agent join --panel URL --name NAME [--agent-url URL] [--again]
 *
 * The token of `join` comes in TSUBO_JOIN_TOKEN, or as a line of standard input.
 * --again: also where this machine has joined already; an agent that runs takes the new certificate by itself.
 *
 * Configuration is the environment (docs/architecture.md).
 */
import { parseArgs } from 'node:util';
import { Certificates } from './certificates.ts';
import { systemClock } from './clock.ts';
import { type ComposedAgent, composeAgent } from './compose.ts';
import { type AgentConfig, parseConfig } from './config.ts';
import { exec } from './exec.ts';
import { startHealth } from './health.ts';
import { loadIdentity } from './identity.ts';
import { joinPanel } from './join.ts';
import { joinTokenFrom } from './join-token.ts';
import { connect } from './libvirt/client.ts';
import { createLogger } from './log.ts';
import { createNetwork } from './networks/network.ts';
import { createRouter } from './router.ts';
import { startServer } from './server.ts';

const GRACE_MS = 10_000;
const REREAD_MS = 5_000;

async function main(): Promise<void> {
  // Folders that QEMU's user walks through must not depend on who started us.
  process.umask(0o022);
  const config = parseConfig(process.env);
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      panel: { type: 'string' },
      token: { type: 'string' },
      name: { type: 'string' },
      'agent-url': { type: 'string' },
      again: { type: 'boolean', default: false },
    },
  });
  const [command = 'run'] = positionals;
  if (command === 'join') return join(config, values);
  if (command === 'run') return run(config);
  throw new Error(`there is no command "${command}": use "run" or "join"`);
}

async function join(
  config: AgentConfig,
  values: { panel?: string; token?: string; name?: string; 'agent-url'?: string; again: boolean },
): Promise<void> {
  const { panel, name } = values;
  if (!panel || !name) throw new Error('join needs --panel URL and --name NAME');
  if (values.token !== undefined)
    throw new Error(
      'every user of this machine can read a token on a command line: give it in TSUBO_JOIN_TOKEN, or as a line of standard input',
    );
  const token = await joinTokenFrom(process.env, process.stdin);
  const { host, port } = config.listen;
  await joinPanel({
    dataDir: config.dataDir,
    panel,
    token,
    name,
    again: values.again,
    agentUrl: values['agent-url'] ?? `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    clock: systemClock,
    say: (line) => process.stdout.write(`${line}\n`),
  });
}

async function run(config: AgentConfig): Promise<void> {
  const log = createLogger(config.logLevel);
  const identity = await loadIdentity(config.dataDir, systemClock.now());
  if (identity === null) {
    throw new Error(`${config.dataDir} holds no certificate: this host has to join a panel first ("agent join")`);
  }
  // First, as the lock as well: a second agent would sweep away what the first one is making.
  let agent: ComposedAgent | undefined;
  const health = await startHealth(config.healthPort, () => agent?.health ?? { libvirt: false, network: false });
  const libvirt = connect({
    socketPath: config.libvirtSocket,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });
  const network = createNetwork({
    bridge: config.bridge.name,
    v4: config.bridge.v4,
    v6: config.bridge.v6,
    mac: config.bridge.mac,
    ...(config.uplink === undefined ? {} : { uplink: config.uplink }),
    panelPort: config.panelPort,
    dataDir: config.dataDir,
    libvirt,
    run: exec,
    log,
  });
  const certificates = new Certificates({ dataDir: config.dataDir, identity, clock: systemClock, log });
  const composed = await composeAgent({
    hostId: identity.hostId,
    dataDir: config.dataDir,
    runDir: config.runDir,
    imageSources: config.imageSources,
    probeDir: config.probeDir,
    libvirtSocket: config.libvirtSocket,
    bridge: config.bridge.name,
    libvirt,
    network,
    certificates,
    clock: systemClock,
    log,
  });
  agent = composed;
  const server = await startServer({
    router: createRouter(composed.api, log, systemClock),
    openStream: composed.openStream,
    tls: identity,
    listen: config.listen,
    log,
    clock: systemClock,
  });
  certificates.onChange((renewed) => server.serveWith(renewed));
  log.info({ hostId: identity.hostId, ...config.listen, healthPort: health.port }, 'the agent listens');

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'the agent stops');
    composed.quiet();
    await server.close(GRACE_MS);
    // What hangs now would hang for ever; a supervisor waits for us.
    const forced = setTimeout(() => process.exit(0), 2_000);
    await composed.close();
    health.close();
    clearTimeout(forced);
    log.info('the agent has stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  setInterval(async () => {
    if ((await certificates.reread()) === 'another host') void stop('joined as another host');
  }, REREAD_MS).unref();
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'a defect: a rejection that nobody took');
    process.exit(70);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`tsubo agent: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
