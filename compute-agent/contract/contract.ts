/**
 * The agent's contract: every call, its input and its answer. The agent builds its router from this
 * table, the control plane its client, the simulated agent its methods: so none of them can drift.
 *
 * Rules that every changing call follows (DESIGN 3):
 * - it carries serverId + generation, takes the per-server mutex, may be repeated, also at the same time;
 * - an older generation is refused with STALE_GENERATION, the same one with other content with SPEC_CONFLICT;
 * - within a generation a lower step than one that was admitted is refused with STALE_GENERATION as well; the same
 *   step may repeat, and a newer generation begins anew;
 * - at or below a tombstone it is refused with GONE;
 * - it answers as soon as libvirt has accepted; how it went on is observed.
 */
import { z } from 'zod';
import {
  digest,
  domainSpec,
  hostDescription,
  hostKeys,
  observation,
  seed,
  serverId,
  target,
  vif,
  volume,
} from './shapes.ts';

/** The number that an agent says in hostDescription; the control plane speaks this one and the one before. */
export const CONTRACT_VERSION = 3;
/** From which on an agent can be given a new certificate. */
export const RENEWAL_SINCE = 2;
/** From which on an agent has `screenshot`, `hostKeys`, firmware uefi, and the streams of streams.ts. */
export const SCREENSHOT_SINCE = 3;
/** 6 MiB of text: 4.5 MiB of picture. A screen that needs more is scaled down. */
export const SCREENSHOT_BASE64_MAX = 6 * 1024 * 1024;

const call = <K extends 'query' | 'mutation', I extends z.ZodType, O extends z.ZodType>(
  kind: K,
  input: I,
  output: O,
) => ({
  kind,
  input,
  output,
});

const nothing = z.object({});
const pem = z.string().min(1).max(16_384);

export const agentContract = {
  /** Versions, capacity, accelerator, what the kernel lacks. */
  describeHost: call('query', nothing, hostDescription),

  /** All domains that carry Tsubo's metadata, and the point in the change log from which to follow. */
  inventory: call(
    'query',
    nothing,
    z.object({ bootId: z.string(), epoch: z.string(), seq: z.int(), observations: z.array(observation) }),
  ),

  /**
   * Long poll: what changed after `after`; answers at once if there is something, else after `waitMs`.
   * `reset`: the agent lost its log (restart, libvirtd reconnect): take the inventory again.
   */
  changes: call(
    'query',
    z.object({ epoch: z.string(), after: z.int(), waitMs: z.int().min(0).max(30_000) }),
    z.object({
      bootId: z.string(),
      epoch: z.string(),
      seq: z.int(),
      reset: z.boolean(),
      observations: z.array(observation),
    }),
  ),

  /** One domain, asked of libvirt now. NO_SUCH_DOMAIN when it does not exist. */
  observe: call('query', z.object({ serverId }), observation),

  /**
   * What the guest's screen shows now: a PNG (RGB) as base64, its size in pixels. Halved as often as it takes to stay
   * within SCREENSHOT_BASE64_MAX. NO_SUCH_DOMAIN · HYPERVISOR when it is off or shows nothing · BUSY when a host is
   * asked for more than two at a time · UNKNOWN_OUTCOME when QEMU did not draw in time. Changes nothing.
   */
  screenshot: call(
    'query',
    z.object({ serverId }),
    z.object({
      // The beginning of every PNG; a pattern over megabytes would cost more than the picture.
      png: z.string().startsWith('iVBORw0KGgo').max(SCREENSHOT_BASE64_MAX),
      width: z.int().min(1),
      height: z.int().min(1),
    }),
  ),

  /**
   * The guest's SSH host keys, as it last said them on its serial port; empty while it has not, and when that was so
   * long ago that its log has been rotated away. NO_SUCH_DOMAIN.
   */
  hostKeys: call('query', z.object({ serverId }), hostKeys),

  /** Makes sure that the host has the image, checked against its digest. IMAGE_MISSING names where it looked. */
  ensureImage: call('mutation', z.object({ digest, bytes: z.int().min(1) }), z.object({ fetched: z.boolean() })),

  /** Creates the disk over its image, or finds it there. */
  putVolume: call('mutation', target.extend({ volume }), z.object({ created: z.boolean() })),

  /** Writes the NoCloud seed ISO. */
  putSeed: call('mutation', target.extend({ seed }), nothing),

  /** Takes the seed away (after the first boot, or by undo). */
  removeSeed: call('mutation', target, z.object({ removed: z.boolean() })),

  /** Anti-spoofing filter, static lease, permanent neighbour entries, host rules. */
  putNetwork: call('mutation', target.extend({ vifs: z.array(vif).min(1) }), nothing),

  /** Defines or redefines the domain. Never starts it. */
  putDomain: call('mutation', target.extend({ spec: domainSpec }), z.object({ changed: z.boolean() })),

  /**
   * start: START_FAILED when QEMU or the boot loader dies at once. Already running is success.
   * shutdown: presses the ACPI power button once; already off is success.
   * destroy: cuts the power; already off is success.
   */
  power: call('mutation', target.extend({ action: z.enum(['start', 'shutdown', 'destroy']) }), observation),

  /**
   * Forward only: tombstone (fsynced) → destroy → undefine → disks, seed, network. Repeatable; returns
   * what was still there. After it every call at or below this generation is GONE.
   */
  removeServer: call('mutation', target, z.object({ removed: z.array(z.string()) })),

  /**
   * A request for the host's next certificate. Its key is a new one, which the agent keeps beside the one in use;
   * until a certificate for it is installed, every call answers the same request.
   */
  requestCertificate: call('mutation', nothing, z.object({ csrPem: pem })),

  /**
   * Takes the certificate into use, for good and at once: connections from now on are answered with it, open ones
   * go on. Again with the one in use is success. BAD_REQUEST, and nothing changes, when it is not for the key of the
   * request, not by the agent's CA, or for somebody else. Answers the fingerprint (SHA-256 of the DER) in use.
   */
  installCertificate: call('mutation', z.object({ certPem: pem }), z.object({ fingerprint: digest })),
} as const;

type Contract = typeof agentContract;
export type AgentCall = keyof Contract;
export type AgentInput<K extends AgentCall> = z.input<Contract[K]['input']>;
export type AgentOutput<K extends AgentCall> = z.output<Contract[K]['output']>;

/** One agent, whatever is behind it. Throws AgentError. */
export type AgentApi = {
  [K in AgentCall]: (
    input: AgentInput<K>,
    options?: { signal?: AbortSignal; requestId?: string },
  ) => Promise<AgentOutput<K>>;
};
