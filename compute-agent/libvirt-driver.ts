/**
 * The libvirt driver. A domain is found by its name (the server's id), and is ours when it carries our metadata,
 * which is read from its inactive XML: the live one keeps the metadata that it was started with. Metadata is kept
 * in memory between definitions, so that an inventory of 200 domains asks libvirt for 200 states, not for 200 XMLs.
 *
 * Ours means this host's: two installations on one machine share a libvirt. What was defined before domains named
 * their owner is whose bridge it stands on.
 */
import { AgentError } from './contract/errors.ts';
import { serverId as serverIdShape } from './contract/shapes.ts';
import { seedDrive } from './domains/body.ts';
import { seenFromEvent, seenFromState } from './domains/observed.ts';
import { type Metadata, MetadataError, parseMetadata } from './domains/parse.ts';
import type { Body, Change, Hypervisor, Picture } from './driver.ts';
import { isLibvirtError } from './failures.ts';
import type { DomainRef, LibvirtClient } from './libvirt/api.ts';
import { LibvirtErrorCode } from './libvirt/errors.ts';
import { LifecycleEventType, ShutdownDetail, StoppedDetail } from './libvirt/lifecycle.ts';

const XML_INACTIVE = 2;
/** Managed save, snapshots' and checkpoints' metadata, NVRAM. */
const UNDEFINE_ALL = 1 | 2 | 4 | 16;
const SHUTDOWN_ACPI = 1;
const AFFECT_LIVE = 1;
/** nwfilter's ebtables calls alone take two seconds, more when several start at once. */
const START_MS = 90_000;
/** libvirt waits 15 s for QEMU to go before it says that it does not. */
const DESTROY_MS = 60_000;
/** QEMU draws in tens of milliseconds, unless it is held up altogether. */
const SCREENSHOT_MS = 10_000;
/** A PPM of the largest screen, and some. */
const SCREENSHOT_BYTES_MAX = 48 * 1024 * 1024;

export class LibvirtHypervisor implements Hypervisor {
  readonly #libvirt: LibvirtClient;
  readonly #metadata = new Map<string, Metadata | null>();
  /** Counts definitions, so that a slow reader cannot put an old answer into the memory. */
  #epoch = 0;
  /** Domains whose QEMU was ended by a signal from outside; libvirt calls the stop that follows a shutdown. */
  readonly #signalled = new Set<string>();

  #unreadable: readonly string[] = [];
  /** Names that were seen to be another host's; their events are not for us. */
  readonly #foreign = new Set<string>();
  readonly #self: { hostId: string; bridge: string };

  constructor(libvirt: LibvirtClient, self: { hostId: string; bridge: string }) {
    this.#libvirt = libvirt;
    this.#self = self;
    libvirt.onDisconnected(() => this.#forgetAll());
    // Registered before any other listener: they must see the new metadata.
    libvirt.onLifecycle(({ domain, event }) => {
      if (event === LifecycleEventType.defined || event === LifecycleEventType.undefined) this.#forget(domain.name);
    });
  }

  get unreadable(): readonly string[] {
    return this.#unreadable;
  }

  get connected(): boolean {
    return this.#libvirt.connected;
  }

  async versions(): Promise<{ libvirt: string; hypervisor: string }> {
    const [libvirt, hypervisor] = await Promise.all([this.#libvirt.getLibVersion(), this.#libvirt.getVersion()]);
    return { libvirt, hypervisor };
  }

  async list(): Promise<Body[]> {
    const domains = await this.#libvirt.listAllDomains();
    const unreadable: string[] = [];
    const bodies = await Promise.all(
      domains
        .filter(({ name }) => serverIdShape.safeParse(name).success)
        .map((domain) =>
          this.#read(domain).catch((error: unknown) => {
            if (!(error instanceof MetadataError)) throw error;
            unreadable.push(domain.name);
            return null;
          }),
        ),
    );
    this.#unreadable = unreadable;
    return bodies.filter((body) => body !== null);
  }

  async look(serverId: string): Promise<Body | null> {
    const domain = await this.#find(serverId);
    if (domain === null) return null;
    const body = await this.#read(domain);
    if (body === null && (await this.#find(serverId)) !== null) {
      throw new AgentError('SPEC_CONFLICT', `a domain named ${serverId} exists that this host's agent did not make`);
    }
    return body;
  }

  async define(serverId: string, xml: string): Promise<void> {
    try {
      await this.#libvirt.domainDefineXml(xml);
    } finally {
      this.#forget(serverId);
    }
  }

  async start(serverId: string): Promise<void> {
    await this.#libvirt.domainCreate(await this.#require(serverId), 0, { deadlineMs: START_MS });
  }

  async shutdown(serverId: string): Promise<void> {
    const domain = await this.#require(serverId);
    await unlessOff(this.#libvirt.domainShutdown(domain, SHUTDOWN_ACPI));
  }

  async destroy(serverId: string): Promise<void> {
    const domain = await this.#require(serverId);
    await unlessOff(this.#libvirt.domainDestroy(domain, 0, { deadlineMs: DESTROY_MS }));
  }

  async undefine(serverId: string): Promise<void> {
    const domain = await this.#find(serverId);
    if (domain === null) return;
    try {
      await this.#libvirt.domainUndefine(domain, UNDEFINE_ALL);
    } catch (error) {
      if (!isLibvirtError(error, LibvirtErrorCode.noDomain)) throw error;
    } finally {
      this.#forget(serverId);
    }
  }

  async ejectSeed(body: Body): Promise<void> {
    const { dev, bus } = seedDrive(body.spec);
    const empty =
      `<disk type="file" device="cdrom"><driver name="qemu" type="raw"/>` +
      `<target dev="${dev}" bus="${bus}"/><readonly/></disk>`;
    await this.#libvirt.domainUpdateDevice(await this.#require(body.serverId), empty, AFFECT_LIVE);
  }

  async screenshot(serverId: string): Promise<Picture> {
    const domain = await this.#require(serverId);
    const { mime, stream } = await this.#libvirt.domainScreenshot(domain, 0, { deadlineMs: SCREENSHOT_MS });
    const chunks: Buffer[] = [];
    let length = 0;
    // Leaving the loop early aborts the stream.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > SCREENSHOT_BYTES_MAX)
        throw new AgentError('HYPERVISOR', `a screenshot of more than ${length} bytes`);
      chunks.push(chunk);
    }
    return { mime, bytes: Buffer.concat(chunks) };
  }

  onChange(listener: (change: Change) => void): void {
    this.#libvirt.onLifecycle(({ domain, event, detail }) => {
      const serverId = domain.name;
      if (!serverIdShape.safeParse(serverId).success || this.#isForeign(serverId, event)) return;
      if (event === LifecycleEventType.shutdown && detail === ShutdownDetail.host) this.#signalled.add(serverId);
      let seen = seenFromEvent(event, detail);
      if (event === LifecycleEventType.stopped) {
        const signalled = this.#signalled.delete(serverId);
        if (signalled && detail === StoppedDetail.shutdown) seen = { state: 'off', reason: 'crashed' };
      }
      listener({ serverId, seen });
    });
  }

  onConnected(listener: () => void): void {
    this.#libvirt.onConnected(listener);
    // It may have connected before anybody listened.
    if (this.#libvirt.connected) listener();
  }

  /** null where it is not ours, or went while we asked. */
  async #read(domain: DomainRef): Promise<Body | null> {
    try {
      const [metadata, state] = await Promise.all([this.#metadataOf(domain), this.#libvirt.domainGetState(domain)]);
      if (metadata === null) return null;
      if (!this.#isOurs(metadata)) {
        this.#foreign.add(domain.name);
        return null;
      }
      const { generation, spec, body } = metadata;
      return { serverId: domain.name, uuid: domain.uuid, generation, spec, bodyHash: body, seen: seenFromState(state) };
    } catch (error) {
      if (isLibvirtError(error, LibvirtErrorCode.noDomain)) return null;
      throw error;
    }
  }

  #isOurs({ owner, bridge }: Metadata): boolean {
    return owner === null ? bridge === null || bridge === this.#self.bridge : owner === this.#self.hostId;
  }

  /** What is defined under the name now may be somebody else's, also ours. */
  #isForeign(serverId: string, event: number): boolean {
    if (event === LifecycleEventType.defined) this.#foreign.delete(serverId);
    if (event === LifecycleEventType.undefined) return this.#foreign.delete(serverId);
    return this.#foreign.has(serverId);
  }

  async #metadataOf(domain: DomainRef): Promise<Metadata | null> {
    const known = this.#metadata.get(domain.name);
    if (known !== undefined) return known;
    const epoch = this.#epoch;
    const metadata = parseMetadata(await this.#libvirt.domainGetXmlDesc(domain, XML_INACTIVE));
    if (epoch === this.#epoch) this.#metadata.set(domain.name, metadata);
    return metadata;
  }

  async #find(serverId: string): Promise<DomainRef | null> {
    try {
      return await this.#libvirt.domainLookupByName(serverId);
    } catch (error) {
      if (isLibvirtError(error, LibvirtErrorCode.noDomain)) return null;
      throw error;
    }
  }

  async #require(serverId: string): Promise<DomainRef> {
    const domain = await this.#find(serverId);
    if (domain === null) throw new AgentError('NO_SUCH_DOMAIN', `no domain ${serverId}`);
    return domain;
  }

  #forget(serverId: string): void {
    this.#epoch += 1;
    this.#metadata.delete(serverId);
  }

  #forgetAll(): void {
    this.#epoch += 1;
    this.#metadata.clear();
    this.#foreign.clear();
    this.#signalled.clear();
  }
}

/** Off already is what was wanted; it may have gone off between the look and the call. */
async function unlessOff(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isLibvirtError(error, LibvirtErrorCode.operationInvalid)) throw error;
  }
}
