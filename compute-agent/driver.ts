/**
 * What the agent needs of a hypervisor and of the host's network. libvirt is the one real hypervisor
 * (libvirt-driver.ts); networks/ is the one real network. Ids are checked before they come here.
 */
import type { DomainSpec, Vif } from './contract/shapes.ts';
import type { Seen } from './domains/observed.ts';

/** A domain that carries Tsubo's metadata, and this host's name in it. */
export interface Body {
  serverId: string;
  uuid: string;
  generation: number;
  spec: DomainSpec;
  /** Hash of its XML's other part, as it was defined (domains/body.ts). */
  bodyHash: string;
  seen: Seen;
}

/** null: ask, the event does not tell. */
export interface Change {
  serverId: string;
  seen: Seen | 'absent' | null;
}

/** As the hypervisor drew it, which says what it is (`image/png`, `image/x-portable-pixmap`) or nothing. */
export interface Picture {
  mime: string | null;
  bytes: Buffer;
}

export interface Hypervisor {
  readonly connected: boolean;
  versions(): Promise<{ libvirt: string; hypervisor: string }>;
  /** Without those whose metadata cannot be read: one broken domain must not hide all others. */
  list(): Promise<Body[]>;
  /** The servers that the last list left out. */
  readonly unreadable: readonly string[];
  /** null where there is no such domain. Throws SPEC_CONFLICT where it is somebody else's. */
  look(serverId: string): Promise<Body | null>;
  define(serverId: string, xml: string): Promise<void>;
  start(serverId: string): Promise<void>;
  /** Presses the power button once. */
  shutdown(serverId: string): Promise<void>;
  destroy(serverId: string): Promise<void>;
  /** With all that libvirt itself keeps for it: saved memory, snapshots' metadata. */
  undefine(serverId: string): Promise<void>;
  /** Takes the seed out of a running guest's drive; the guest may hold it, then this fails. */
  ejectSeed(body: Body): Promise<void>;
  /** Of a running guest's first screen. */
  screenshot(serverId: string): Promise<Picture>;
  /** Changes in order of their events. */
  onChange(listener: (change: Change) => void): void;
  /** After every (re)connection: changes may have been missed. */
  onConnected(listener: () => void): void;
}

export interface HostNetwork {
  /** The host's own part: bridge, rules, dnsmasq. Repeatable. */
  prepare(): Promise<void>;
  put(target: { serverId: string; vifs: Vif[] }): Promise<void>;
  /** What was still there. */
  remove(serverId: string): Promise<string[]>;
  /** Takes away rules that a killed libvirtd left of a domain that is off. Whether there were any. */
  clear(serverId: string): Promise<boolean>;
  /** What has to be done on the live interfaces of a domain that just started. */
  attached(serverId: string, vifs: Vif[]): Promise<void>;
  filterName(serverId: string): string;
  /** Complaints; heals what it can. */
  check(): Promise<string[]>;
  close(): Promise<void> | void;
}
