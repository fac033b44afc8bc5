/** The client: each method names its procedure, gives its arguments, unwraps its answer. */
import type { Readable, Writable } from 'node:stream';
import type {
  CallOptions,
  ConnectOptions,
  DomainInfo,
  DomainRef,
  LibvirtClient,
  LifecycleEvent,
  NwfilterRef,
  PoolRef,
  Screenshot,
  VolRange,
  VolRef,
} from './api.ts';
import { Session } from './session.ts';
import { openDownload, openUpload } from './streams.ts';

/** Ask for the elements of a list and not only for their number. */
const NEED_RESULTS = 1;

/** libvirt packs a version into a number: 9000000 is 9.0.0. */
function versionText(version: bigint): string {
  const number = Number(version);
  return `${Math.floor(number / 1_000_000)}.${Math.floor(number / 1_000) % 1_000}.${number % 1_000}`;
}

/** A length of 0 is libvirt's word for "to the end". */
const wholeUnless = ({ offset = 0n, length = 0n }: VolRange = {}) => ({ offset, length });

/** Returns at once and connects in the background, for as long as it takes: see `ready` and `onConnected`. */
export function connect(options: ConnectOptions = {}): LibvirtClient {
  return new Client(new Session(options));
}

class Client implements LibvirtClient {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  ready(timeoutMs = 10_000): Promise<void> {
    return this.#session.ready(timeoutMs);
  }
  get connected(): boolean {
    return this.#session.connected;
  }
  close(): Promise<void> {
    return this.#session.close();
  }

  onConnected(listener: () => void): () => void {
    return this.#session.onConnected.add(listener);
  }
  onDisconnected(listener: (error: Error) => void): () => void {
    return this.#session.onDisconnected.add(listener);
  }
  onLifecycle(listener: (event: LifecycleEvent) => void): () => void {
    return this.#session.onEvent.add((event) => {
      if (event.kind === 'lifecycle') listener(event.lifecycle);
    });
  }
  onReboot(listener: (domain: DomainRef) => void): () => void {
    return this.#session.onEvent.add((event) => {
      if (event.kind === 'reboot') listener(event.domain);
    });
  }

  async getVersion(o?: CallOptions): Promise<string> {
    return versionText((await this.#session.call('connectGetVersion', undefined, o)).version);
  }
  async getLibVersion(o?: CallOptions): Promise<string> {
    return versionText((await this.#session.call('connectGetLibVersion', undefined, o)).version);
  }
  async getHostname(o?: CallOptions): Promise<string> {
    return (await this.#session.call('connectGetHostname', undefined, o)).hostname;
  }
  async getCapabilities(o?: CallOptions): Promise<string> {
    return (await this.#session.call('connectGetCapabilities', undefined, o)).capabilities;
  }

  async listAllDomains(flags = 0, o?: CallOptions): Promise<DomainRef[]> {
    return (await this.#session.call('connectListAllDomains', { needResults: NEED_RESULTS, flags }, o)).domains;
  }
  async domainLookupByName(name: string, o?: CallOptions): Promise<DomainRef> {
    return (await this.#session.call('domainLookupByName', { name }, o)).dom;
  }
  async domainLookupByUuid(uuid: string, o?: CallOptions): Promise<DomainRef> {
    return (await this.#session.call('domainLookupByUuid', { uuid }, o)).dom;
  }
  async domainDefineXml(xml: string, flags = 0, o?: CallOptions): Promise<DomainRef> {
    return (await this.#session.call('domainDefineXmlFlags', { xml, flags }, o)).dom;
  }
  async domainCreate(dom: DomainRef, flags = 0, o?: CallOptions): Promise<DomainRef> {
    return (await this.#session.call('domainCreateWithFlags', { dom, flags }, o)).dom;
  }
  domainShutdown(dom: DomainRef, flags = 0, o?: CallOptions): Promise<void> {
    return this.#session.call('domainShutdownFlags', { dom, flags }, o);
  }
  domainReboot(dom: DomainRef, flags = 0, o?: CallOptions): Promise<void> {
    return this.#session.call('domainReboot', { dom, flags }, o);
  }
  domainDestroy(dom: DomainRef, flags = 0, o?: CallOptions): Promise<void> {
    return this.#session.call('domainDestroyFlags', { dom, flags }, o);
  }
  domainUndefine(dom: DomainRef, flags = 0, o?: CallOptions): Promise<void> {
    return this.#session.call('domainUndefineFlags', { dom, flags }, o);
  }
  async domainGetXmlDesc(dom: DomainRef, flags = 0, o?: CallOptions): Promise<string> {
    return (await this.#session.call('domainGetXmlDesc', { dom, flags }, o)).xml;
  }
  domainGetState(dom: DomainRef, o?: CallOptions): Promise<{ state: number; reason: number }> {
    return this.#session.call('domainGetState', { dom, flags: 0 }, o);
  }
  domainGetInfo(dom: DomainRef, o?: CallOptions): Promise<DomainInfo> {
    return this.#session.call('domainGetInfo', { dom }, o);
  }
  domainUpdateDevice(dom: DomainRef, xml: string, flags: number, o?: CallOptions): Promise<void> {
    return this.#session.call('domainUpdateDeviceFlags', { dom, xml, flags }, o);
  }
  domainAttachDevice(dom: DomainRef, xml: string, flags: number, o?: CallOptions): Promise<void> {
    return this.#session.call('domainAttachDeviceFlags', { dom, xml, flags }, o);
  }
  domainDetachDevice(dom: DomainRef, xml: string, flags: number, o?: CallOptions): Promise<void> {
    return this.#session.call('domainDetachDeviceFlags', { dom, xml, flags }, o);
  }
  domainSendKey(dom: DomainRef, codeset: number, holdMs: number, keycodes: number[], o?: CallOptions): Promise<void> {
    return this.#session.call('domainSendKey', { dom, codeset, holdMs, keycodes, flags: 0 }, o);
  }
  domainManagedSave(dom: DomainRef, flags = 0, o?: CallOptions): Promise<void> {
    return this.#session.call('domainManagedSave', { dom, flags }, o);
  }
  async domainScreenshot(dom: DomainRef, screen = 0, o?: CallOptions): Promise<Screenshot> {
    const args = { dom, screen, flags: 0 };
    const opened = await this.#session.stream((target) => openDownload(target, { name: 'domainScreenshot', args }), o);
    return { mime: opened.answer.mime, stream: opened.stream };
  }
  async domainQemuMonitorCommand(dom: DomainRef, command: string, flags = 0, o?: CallOptions): Promise<string> {
    return (await this.#session.call('qemuDomainMonitorCommand', { dom, command, flags }, o)).result;
  }
  async domainAgentCommand(dom: DomainRef, command: string, timeoutSeconds: number, o?: CallOptions): Promise<string> {
    const args = { dom, command, timeoutSeconds, flags: 0 };
    return (await this.#session.call('qemuDomainAgentCommand', args, o)).result ?? '';
  }

  async nwfilterDefineXml(xml: string, o?: CallOptions): Promise<NwfilterRef> {
    return (await this.#session.call('nwfilterDefineXml', { xml }, o)).filter;
  }
  async nwfilterLookupByName(name: string, o?: CallOptions): Promise<NwfilterRef> {
    return (await this.#session.call('nwfilterLookupByName', { name }, o)).filter;
  }
  async nwfilterGetXmlDesc(filter: NwfilterRef, o?: CallOptions): Promise<string> {
    return (await this.#session.call('nwfilterGetXmlDesc', { filter, flags: 0 }, o)).xml;
  }
  nwfilterUndefine(filter: NwfilterRef, o?: CallOptions): Promise<void> {
    return this.#session.call('nwfilterUndefine', { filter }, o);
  }
  async listAllNwfilters(o?: CallOptions): Promise<NwfilterRef[]> {
    const args = { needResults: NEED_RESULTS, flags: 0 };
    return (await this.#session.call('connectListAllNwfilters', args, o)).filters;
  }

  async storagePoolDefineXml(xml: string, o?: CallOptions): Promise<PoolRef> {
    return (await this.#session.call('storagePoolDefineXml', { xml, flags: 0 }, o)).pool;
  }
  async storagePoolLookupByName(name: string, o?: CallOptions): Promise<PoolRef> {
    return (await this.#session.call('storagePoolLookupByName', { name }, o)).pool;
  }
  storagePoolCreate(pool: PoolRef, flags = 0, o?: CallOptions): Promise<void> {
    return this.#session.call('storagePoolCreate', { pool, flags }, o);
  }
  storagePoolDestroy(pool: PoolRef, o?: CallOptions): Promise<void> {
    return this.#session.call('storagePoolDestroy', { pool }, o);
  }
  storagePoolUndefine(pool: PoolRef, o?: CallOptions): Promise<void> {
    return this.#session.call('storagePoolUndefine', { pool }, o);
  }
  storagePoolRefresh(pool: PoolRef, o?: CallOptions): Promise<void> {
    return this.#session.call('storagePoolRefresh', { pool, flags: 0 }, o);
  }
  async storagePoolIsActive(pool: PoolRef, o?: CallOptions): Promise<boolean> {
    return (await this.#session.call('storagePoolIsActive', { pool }, o)).active === 1;
  }
  async storageVolCreateXml(pool: PoolRef, xml: string, flags = 0, o?: CallOptions): Promise<VolRef> {
    return (await this.#session.call('storageVolCreateXml', { pool, xml, flags }, o)).vol;
  }
  async storageVolLookupByName(pool: PoolRef, name: string, o?: CallOptions): Promise<VolRef> {
    return (await this.#session.call('storageVolLookupByName', { pool, name }, o)).vol;
  }
  async storageVolGetXmlDesc(vol: VolRef, o?: CallOptions): Promise<string> {
    return (await this.#session.call('storageVolGetXmlDesc', { vol, flags: 0 }, o)).xml;
  }
  storageVolDelete(vol: VolRef, flags = 0, o?: CallOptions): Promise<void> {
    return this.#session.call('storageVolDelete', { vol, flags }, o);
  }
  async storageVolDownload(vol: VolRef, range?: VolRange, o?: CallOptions): Promise<Readable> {
    const args = { vol, ...wholeUnless(range), flags: 0 };
    return (await this.#session.stream((target) => openDownload(target, { name: 'storageVolDownload', args }), o))
      .stream;
  }
  async storageVolUpload(vol: VolRef, range?: VolRange, o?: CallOptions): Promise<Writable> {
    const args = { vol, ...wholeUnless(range), flags: 0 };
    return (await this.#session.stream((target) => openUpload(target, { name: 'storageVolUpload', args }), o)).stream;
  }
  async listAllStorageVols(pool: PoolRef, o?: CallOptions): Promise<VolRef[]> {
    const args = { pool, needResults: NEED_RESULTS, flags: 0 };
    return (await this.#session.call('storagePoolListAllVolumes', args, o)).volumes;
  }
}
