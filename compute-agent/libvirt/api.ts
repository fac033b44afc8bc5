/**
 * What the binding offers: libvirt's own names, promises, real error codes. Knows nothing of Tsubo.
 * Every call has a deadline; past it the outcome is unknown (LibvirtTimeoutError), not failed: libvirt has no cancel.
 * Types only, besides DomainState: the error classes and LibvirtErrorCode are in errors.ts, `connect` in client.ts.
 */
import type { Readable, Writable } from 'node:stream';

/** A domain as the wire names it. `id` is -1 while it is not running. */
export interface DomainRef {
  readonly name: string;
  /** Lower case with hyphens. */
  readonly uuid: string;
  readonly id: number;
}

/** virDomainState. */
export const DomainState = {
  nostate: 0,
  running: 1,
  blocked: 2,
  paused: 3,
  shutdown: 4,
  shutoff: 5,
  crashed: 6,
  pmsuspended: 7,
} as const;

export interface DomainInfo {
  state: number;
  maxMemKiB: bigint;
  memoryKiB: bigint;
  vcpus: number;
  cpuTimeNs: bigint;
}

/** VIR_DOMAIN_EVENT_ID_LIFECYCLE: `event` and `detail` are libvirt's numbers (lifecycle.ts names them). */
export interface LifecycleEvent {
  domain: DomainRef;
  event: number;
  detail: number;
}

export interface PoolRef {
  readonly name: string;
  readonly uuid: string;
}
export interface VolRef {
  readonly pool: string;
  readonly name: string;
  readonly key: string;
}
export interface NwfilterRef {
  readonly name: string;
  readonly uuid: string;
}

/** Bytes. Without `offset` from the beginning, without `length` (or with 0n) to the end. */
export interface VolRange {
  offset?: bigint;
  length?: bigint;
}

/** `mime` is what libvirt says of the picture: `image/png` or `image/x-portable-pixmap`, null where it says nothing. */
export interface Screenshot {
  mime: string | null;
  stream: Readable;
}

export interface CallOptions {
  /** Milliseconds; default is the client's. Of a stream: until it is open, and then the longest silence. */
  deadlineMs?: number;
}

/** A managed connection: keepalive, reconnection with back-off, at most 4 long and 4 short calls in flight. */
export interface LibvirtClient {
  /** Resolves when connected for the first time; rejects when that does not happen within `timeoutMs`. */
  ready(timeoutMs?: number): Promise<void>;
  readonly connected: boolean;
  close(): Promise<void>;

  /** Called after every (re)connection, when the event registrations stand again: list anew here, events were lost. */
  onConnected(listener: () => void): () => void;
  onDisconnected(listener: (error: Error) => void): () => void;
  /** Registered again by itself after every reconnection. */
  onLifecycle(listener: (event: LifecycleEvent) => void): () => void;
  /** The guest rebooted inside the same domain (no lifecycle event tells of it). Registered again like onLifecycle. */
  onReboot(listener: (domain: DomainRef) => void): () => void;

  getVersion(o?: CallOptions): Promise<string>; // hypervisor, "7.2.22"
  getLibVersion(o?: CallOptions): Promise<string>; // "9.0.0"
  getHostname(o?: CallOptions): Promise<string>;
  getCapabilities(o?: CallOptions): Promise<string>; // XML

  listAllDomains(flags?: number, o?: CallOptions): Promise<DomainRef[]>;
  domainLookupByName(name: string, o?: CallOptions): Promise<DomainRef>;
  domainLookupByUuid(uuid: string, o?: CallOptions): Promise<DomainRef>;
  domainDefineXml(xml: string, flags?: number, o?: CallOptions): Promise<DomainRef>;
  domainCreate(domain: DomainRef, flags?: number, o?: CallOptions): Promise<DomainRef>;
  domainShutdown(domain: DomainRef, flags?: number, o?: CallOptions): Promise<void>;
  domainReboot(domain: DomainRef, flags?: number, o?: CallOptions): Promise<void>;
  domainDestroy(domain: DomainRef, flags?: number, o?: CallOptions): Promise<void>;
  domainUndefine(domain: DomainRef, flags?: number, o?: CallOptions): Promise<void>;
  domainGetXmlDesc(domain: DomainRef, flags?: number, o?: CallOptions): Promise<string>;
  domainGetState(domain: DomainRef, o?: CallOptions): Promise<{ state: number; reason: number }>;
  domainGetInfo(domain: DomainRef, o?: CallOptions): Promise<DomainInfo>;
  domainUpdateDevice(domain: DomainRef, xml: string, flags: number, o?: CallOptions): Promise<void>;
  domainAttachDevice(domain: DomainRef, xml: string, flags: number, o?: CallOptions): Promise<void>;
  domainDetachDevice(domain: DomainRef, xml: string, flags: number, o?: CallOptions): Promise<void>;
  domainSendKey(domain: DomainRef, codeset: number, holdMs: number, keys: number[], o?: CallOptions): Promise<void>;
  domainManagedSave(domain: DomainRef, flags?: number, o?: CallOptions): Promise<void>;
  /**
   * A picture of the running guest's screen (`screen`: which of several, from 0), some 100 KiB to 30 MiB. Rejects with
   * LibvirtError operationInvalid (55) when it does not run or has no such screen.
   */
  domainScreenshot(domain: DomainRef, screen?: number, o?: CallOptions): Promise<Screenshot>;
  domainQemuMonitorCommand(domain: DomainRef, command: string, flags?: number, o?: CallOptions): Promise<string>;
  domainAgentCommand(domain: DomainRef, command: string, timeoutSeconds: number, o?: CallOptions): Promise<string>;

  nwfilterDefineXml(xml: string, o?: CallOptions): Promise<NwfilterRef>;
  nwfilterLookupByName(name: string, o?: CallOptions): Promise<NwfilterRef>;
  nwfilterGetXmlDesc(filter: NwfilterRef, o?: CallOptions): Promise<string>;
  nwfilterUndefine(filter: NwfilterRef, o?: CallOptions): Promise<void>;
  listAllNwfilters(o?: CallOptions): Promise<NwfilterRef[]>;

  storagePoolDefineXml(xml: string, o?: CallOptions): Promise<PoolRef>;
  storagePoolLookupByName(name: string, o?: CallOptions): Promise<PoolRef>;
  storagePoolCreate(pool: PoolRef, flags?: number, o?: CallOptions): Promise<void>;
  storagePoolDestroy(pool: PoolRef, o?: CallOptions): Promise<void>;
  storagePoolUndefine(pool: PoolRef, o?: CallOptions): Promise<void>;
  storagePoolRefresh(pool: PoolRef, o?: CallOptions): Promise<void>;
  storagePoolIsActive(pool: PoolRef, o?: CallOptions): Promise<boolean>;
  storageVolCreateXml(pool: PoolRef, xml: string, flags?: number, o?: CallOptions): Promise<VolRef>;
  storageVolLookupByName(pool: PoolRef, name: string, o?: CallOptions): Promise<VolRef>;
  storageVolGetXmlDesc(vol: VolRef, o?: CallOptions): Promise<string>;
  /**
   * The volume's bytes. Ends when libvirt has confirmed that these were all; `destroy` aborts. Who does not read
   * holds up the daemon's end of it, nothing else. Errors in the middle come as the stream's: LibvirtError (e.g. 38: a
   * read failed), LibvirtTimeoutError (not a byte within `deadlineMs`, while it was read), LibvirtDisconnectedError.
   */
  storageVolDownload(vol: VolRef, range?: VolRange, o?: CallOptions): Promise<Readable>;
  /**
   * Takes the bytes that replace the volume's. Emits 'finish' when libvirt has confirmed that they are written, and
   * `pipeline` resolves then. libvirt never makes a volume longer: one byte beyond it, or beyond `length`, ends the
   * stream with LibvirtError 38. After an error and after `destroy` (abort) the bytes sent so far may be written or not.
   */
  storageVolUpload(vol: VolRef, range?: VolRange, o?: CallOptions): Promise<Writable>;
  storageVolDelete(vol: VolRef, flags?: number, o?: CallOptions): Promise<void>;
  listAllStorageVols(pool: PoolRef, o?: CallOptions): Promise<VolRef[]>;
}

export interface ConnectOptions {
  socketPath?: string;
  uri?: string;
  deadlineMs?: number;
  keepaliveIntervalMs?: number;
  /**
   * Calls that one connection has under way, 4 by default; further ones wait. At most one less than the daemon's
   * `max_client_requests` (5 by default): a daemon with that many of ours would not read our pings.
   */
  inFlight?: number;
  log?: (level: 'debug' | 'info' | 'warn', message: string, fields?: Record<string, unknown>) => void;
}
