import { z } from 'zod';

/** 10 random characters of RFC 4648 base32 in lower case: `Server.id`, domain name and directory name. */
export const serverId = z.string().regex(/^[a-z2-7]{10}$/);
/** SHA-256 in hex. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/);
const mac = z.string().regex(/^52:54:00(:[0-9a-f]{2}){3}$/);
export const generation = z.int().min(1);

/**
 * Every changing call says for which server and at which generation of its wish. `step` orders the calls within
 * the generation, for an operation is one generation from its beginning to its end, and a worker that was frozen in
 * one of its steps may wake up after another has gone on. Without it a call claims no place in that order.
 */
export const target = z.object({ serverId, generation, step: z.int().min(0).optional() });
export type Target = z.infer<typeof target>;

export const vif = z.object({
  index: z.int().min(0).max(7),
  mac,
  /** Address without prefix; routed as a /32 to the outside, prefix and gateway are for the guest. */
  ipv4: z.object({ address: z.ipv4(), prefix: z.int().min(8).max(30), gateway: z.ipv4() }),
  /** A /128 with an on-link route to the gateway (host.md 5, DESIGN 7). */
  ipv6: z.object({ address: z.ipv6(), gateway: z.ipv6() }),
});
export type Vif = z.infer<typeof vif>;
/** Linux name of a VIF: `v<server id>-<index>`, 13 of 15 characters. */
export const vifName = (id: string, index: number): string => `v${id}-${index}`;

export const volume = z.object({
  id: z.string().regex(/^vol_[a-z2-7]{16}$/),
  sizeGiB: z.int().min(1).max(16384),
  format: z.literal('qcow2'),
  /** Digest of the image it grows from. */
  backingDigest: digest,
});
export type Volume = z.infer<typeof volume>;

/** What the guest finds on its NoCloud seed. Hashes only, never a clear password. */
export const seed = z.object({
  instanceId: z.string().min(1).max(64),
  hostname: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  passwordHash: z
    .string()
    .regex(/^\$6\$[./A-Za-z0-9$=,-]+$/)
    .nullable(),
  sshKeys: z.array(z.string().min(1).max(16384)).max(32),
  vifs: z.array(vif).min(1),
});
export type Seed = z.infer<typeof seed>;

/** The whole wanted body of a server. Kept by the agent inside the domain's own XML metadata. */
export const domainSpec = z.object({
  uuid: z.uuid(),
  vcpu: z.int().min(1).max(256),
  memoryMiB: z.int().min(64),
  /** uefi: machine q35 with OVMF, without Secure Boot. */
  firmware: z.enum(['bios', 'uefi']),
  virtio: z.boolean(),
  disks: z.array(volume).min(1),
  vifs: z.array(vif).min(1),
});
export type DomainSpec = z.infer<typeof domainSpec>;

/** As ssh-keygen -l writes them. DSA is left out: no OpenSSH of today speaks it. */
export const hostKeyTypes = ['ED25519', 'ECDSA', 'RSA'] as const;
export const HOST_KEYS_MAX = hostKeyTypes.length;
/** SSH host keys of a guest: SHA-256 of each in base64 without padding, at most one of a type. The guest's own word. */
export const hostKeys = z.object({
  fingerprints: z
    .array(z.object({ type: z.enum(hostKeyTypes), sha256: z.string().regex(/^[A-Za-z0-9+/]{43}$/) }))
    .max(HOST_KEYS_MAX),
});
export type HostKeys = z.infer<typeof hostKeys>;

export const observedState = z.enum(['off', 'running', 'paused', 'crashed', 'absent']);
export type ObservedState = z.infer<typeof observedState>;

/**
 * Why a domain is in its state, as far as libvirt says:
 * booted (paused (booted): libvirt is starting it just now) · guest-shutdown (the guest powered itself off, also
 * after our ACPI request) · destroyed (we cut the power) · crashed · failed-start · saved · host-boot (found off after the host booted) · none.
 */
export const observedReason = z.enum([
  'booted',
  'guest-shutdown',
  'destroyed',
  'crashed',
  'failed-start',
  'saved',
  'host-boot',
  'none',
]);
export type ObservedReason = z.infer<typeof observedReason>;

export const observation = z.object({
  serverId,
  state: observedState,
  reason: observedReason,
  /** Generation that the domain's metadata holds; 0 where it is absent. */
  generation: z.int().min(0),
});
export type Observation = z.infer<typeof observation>;

/** What the boot probe found (host.md 2): the first accelerator that really boots a kernel. */
export const accelerator = z.object({
  type: z.enum(['kvm', 'qemu']),
  /** Model for `<cpu>`; null leaves it to the hypervisor. */
  cpu: z.enum(['host-passthrough', 'qemu64']).nullable(),
  /** Every attempt in order, with its result: what staff read. */
  attempts: z.array(z.object({ type: z.string(), cpu: z.string(), ok: z.boolean(), ms: z.number(), said: z.string() })),
});
export type Accelerator = z.infer<typeof accelerator>;

export const hostDescription = z.object({
  hostId: z.string(),
  agentVersion: z.string(),
  contractVersion: z.int(),
  bootId: z.string(),
  libvirtVersion: z.string(),
  qemuVersion: z.string(),
  kernelVersion: z.string(),
  vcpuTotal: z.int(),
  memoryMiBTotal: z.int(),
  diskGiBTotal: z.int(),
  diskGiBFree: z.int(),
  accelerator,
  /** What this host's kernel lacks, as codes: vlan-8021q, bridge-vlan-filtering, sfq, tc-police, cap-sys-resource … */
  lacks: z.array(z.string()),
  /** Complaints about the host that staff should see, e.g. `filters-flushed`, `virtlogd-away`. */
  warnings: z.array(z.string()),
});
export type HostDescription = z.infer<typeof hostDescription>;
