/** The agent's environment (docs/architecture.md), parsed once. */
import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65535);
const absolute = z.string().regex(/^\/[^\0]*$/, 'must be an absolute path');
const cidr = (pattern: RegExp, words: string) => z.string().regex(pattern, words);
const listen = z.string().transform((text, context) => {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const number = Number(match?.[3]);
  if (!match || number < 1 || number > 65535) {
    context.addIssue({ code: 'custom', message: 'must be ADDRESS:PORT, e.g. 127.0.0.1:9443' });
    return z.NEVER;
  }
  return { host: (match[1] ?? match[2]) as string, port: number };
});
const interfaceName = z.string().regex(/^[a-zA-Z0-9._-]{1,15}$/, 'must be an interface name');

const environment = z.object({
  TSUBO_DATA: absolute.default('/var/lib/tsubo'),
  TSUBO_AGENT_DATA: absolute.optional(),
  TSUBO_AGENT_RUN: absolute.default('/run/tsubo'),
  TSUBO_AGENT_LISTEN: listen.default({ host: '127.0.0.1', port: 9443 }),
  TSUBO_HEALTH_PORT: port.default(9444),
  TSUBO_IMAGE_SOURCES: z
    .string()
    .default('/var/cache/tsubo/images')
    .transform((text) => text.split(':').filter((part) => part !== ''))
    .pipe(z.array(absolute)),
  TSUBO_LIBVIRT_SOCKET: absolute.default('/run/libvirt/libvirt-sock'),
  TSUBO_PROBE_DIR: absolute.default('/var/cache/tsubo/probe'),
  TSUBO_BRIDGE: interfaceName.default('tsubo0'),
  TSUBO_BRIDGE_V4: cidr(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'must be like 10.77.0.1/24').default('10.77.0.1/24'),
  TSUBO_BRIDGE_V6: cidr(/^[0-9a-fA-F:]+\/64$/, 'must be like fd77:7473:7562::1/64').default('fd77:7473:7562::1/64'),
  TSUBO_BRIDGE_MAC: z
    .string()
    .regex(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/, 'must be a MAC address')
    .default('52:54:00:77:00:01'),
  TSUBO_PANEL_PORT: z.union([z.literal(''), port]).default(''),
  TSUBO_UPLINK: z.union([interfaceName, z.literal('')]).default(''),
  TSUBO_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export interface AgentConfig {
  dataDir: string;
  runDir: string;
  listen: { host: string; port: number };
  healthPort: number;
  imageSources: string[];
  libvirtSocket: string;
  probeDir: string;
  bridge: { name: string; v4: string; v6: string; mac: string };
  uplink: string | undefined;
  /** TCP port of the public panel that guests may reach on this host. */
  panelPort: number | undefined;
  logLevel: string;
}

/** Throws an Error whose message names the variable and what is wrong with it. */
export function parseConfig(env: Record<string, string | undefined>): AgentConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    throw new Error(`${name}="${env[name] ?? ''}" is not usable: ${issue?.message}`);
  }
  const e = parsed.data;
  return {
    dataDir: e.TSUBO_AGENT_DATA ?? `${e.TSUBO_DATA}/agent`,
    runDir: e.TSUBO_AGENT_RUN,
    listen: e.TSUBO_AGENT_LISTEN,
    healthPort: e.TSUBO_HEALTH_PORT,
    imageSources: e.TSUBO_IMAGE_SOURCES,
    libvirtSocket: e.TSUBO_LIBVIRT_SOCKET,
    probeDir: e.TSUBO_PROBE_DIR,
    bridge: { name: e.TSUBO_BRIDGE, v4: e.TSUBO_BRIDGE_V4, v6: e.TSUBO_BRIDGE_V6, mac: e.TSUBO_BRIDGE_MAC },
    uplink: e.TSUBO_UPLINK === '' ? undefined : e.TSUBO_UPLINK,
    panelPort: e.TSUBO_PANEL_PORT === '' ? undefined : e.TSUBO_PANEL_PORT,
    logLevel: e.TSUBO_LOG_LEVEL,
  };
}
