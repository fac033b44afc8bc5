/**
 * The domain's XML from a server's spec, and nothing else: what libvirt gives back is read in parse.ts.
 *
 * - Owner, spec and generation travel in the domain's own metadata, so that libvirt is the agent's only store for a
 *   living server. `body` beside them is a hash of the rest of the XML: where it differs from what this agent
 *   would build (another accelerator, a newer agent), the domain is defined anew before it starts.
 * - Disk formats and the whole backing chain are explicit: libvirt probes nothing.
 * - An image is every guest's: libvirt must not give it to QEMU's user, who may read it as it is.
 * - Machine `pc`, since its IDE drive is seen by every image (host.md 3); with UEFI `q35` and SATA, for OVMF finds no
 *   drive behind IDE. Which file of OVMF it is, libvirt decides, and it keeps the variables. No memtune, no bandwidth: they make
 *   the start fail on hosts without CAP_SYS_RESOURCE or sfq.
 * - `on_crash destroy`: whether a crashed guest is started again is the control plane's decision.
 * - Sockets lie in a folder of our own. Below libvirt's own folder a VNC socket silently becomes a TCP port.
 */
import { createHash } from 'node:crypto';
import { type Accelerator, type DomainSpec, type Vif, vifName } from '../contract/shapes.ts';
import { METADATA_NAMESPACE } from './parse.ts';

export interface BodyOptions {
  serverId: string;
  /** The host whose domain it is: another installation's agent may use the same libvirt. */
  owner: string;
  generation: number;
  spec: DomainSpec;
  accelerator: Pick<Accelerator, 'type' | 'cpu'>;
  bridge: string;
  filterName: string;
  paths: BodyPaths;
}

export interface BodyPaths {
  volume: (volumeId: string) => string;
  image: (digest: string) => string;
  seed: string;
  serialLog: string;
  serialSocket: string;
  vncSocket: string;
  agentSocket: string;
}

export function buildDomainXml(options: BodyOptions): string {
  const body = domainBody(options);
  const hash = createHash('sha256').update(body).digest('hex');
  const spec = JSON.stringify(options.spec);
  const metadata =
    `  <metadata>\n    <tsubo:server xmlns:tsubo="${METADATA_NAMESPACE}" owner="${escapeXml(options.owner)}" generation="${options.generation}" body="${hash}">` +
    `<tsubo:spec>${escapeXml(spec)}</tsubo:spec></tsubo:server>\n  </metadata>\n`;
  const { type } = options.accelerator;
  return `<domain type="${type}">\n${metadata}${body}</domain>\n`;
}

/** For the same options the same as `body` in the metadata of what buildDomainXml made. */
export const bodyHash = (options: BodyOptions): string =>
  createHash('sha256').update(domainBody(options)).digest('hex');

function domainBody({ serverId, spec, accelerator, bridge, filterName, paths }: BodyOptions): string {
  const lines = [
    `<name>${serverId}</name>`,
    `<uuid>${spec.uuid}</uuid>`,
    `<genid/>`,
    `<memory unit="MiB">${spec.memoryMiB}</memory>`,
    `<vcpu>${spec.vcpu}</vcpu>`,
    FIRMWARE[spec.firmware],
    `<features><acpi/><apic/><vmport state="off"/></features>`,
    ...cpu(accelerator),
    `<clock offset="utc"/>`,
    `<on_poweroff>destroy</on_poweroff>`,
    `<on_reboot>restart</on_reboot>`,
    `<on_crash>destroy</on_crash>`,
    `<devices>`,
    ...spec.disks.map((volume, index) => disk(volume, index, spec, paths)),
    cdrom(seedDrive(spec), paths.seed),
    ...spec.vifs.map((vif) => networkInterface({ serverId, vif, virtio: spec.virtio, bridge, filterName })),
    `<serial type="unix"><source mode="bind" path="${escapeXml(paths.serialSocket)}"/>` +
      `<log file="${escapeXml(paths.serialLog)}" append="on"/><target port="0"/></serial>`,
    `<channel type="unix"><source mode="bind" path="${escapeXml(paths.agentSocket)}"/>` +
      `<target type="virtio" name="org.qemu.guest_agent.0"/></channel>`,
    `<input type="tablet" bus="usb"/>`,
    `<graphics type="vnc" sharePolicy="ignore"><listen type="socket" socket="${escapeXml(paths.vncSocket)}"/></graphics>`,
    `<video><model type="vga" vram="16384"/></video>`,
    `<memballoon model="virtio"><stats period="5"/></memballoon>`,
    `<rng model="virtio"><backend model="random">/dev/urandom</backend></rng>`,
    `</devices>`,
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function cpu({ type, cpu }: Pick<Accelerator, 'type' | 'cpu'>): string[] {
  if (cpu === null) return [];
  if (cpu === 'host-passthrough') return [`<cpu mode="host-passthrough"/>`];
  if (type === 'qemu') return [];
  return [`<cpu mode="custom" match="exact" check="none"><model fallback="forbid">${cpu}</model></cpu>`];
}

const FIRMWARE: Record<DomainSpec['firmware'], string> = {
  bios: `<os><type arch="x86_64" machine="pc">hvm</type><boot dev="hd"/></os>`,
  uefi:
    `<os firmware="efi"><type arch="x86_64" machine="q35">hvm</type>` +
    `<firmware><feature enabled="no" name="secure-boot"/></firmware><boot dev="hd"/></os>`,
};

/** Where disks and the seed are without Virtio. */
const PLAIN = { bios: { bus: 'ide', prefix: 'hd' }, uefi: { bus: 'sata', prefix: 'sd' } } as const;

type Drive = { dev: string; bus: 'ide' | 'sata' };

/** The CD drive: behind the disks, of which Virtio ones are on another bus. */
export function seedDrive({ firmware, virtio }: Pick<DomainSpec, 'firmware' | 'virtio'>): Drive {
  const { bus, prefix } = PLAIN[firmware];
  return { dev: `${prefix}${virtio ? 'a' : 'd'}`, bus };
}

function disk(volume: DomainSpec['disks'][number], index: number, spec: DomainSpec, paths: BodyPaths): string {
  if (!spec.virtio && index > 2) throw new RangeError('without Virtio there is room for three disks and the seed');
  const { bus, prefix } = spec.virtio ? { bus: 'virtio', prefix: 'vd' } : PLAIN[spec.firmware];
  const target = `${prefix}${String.fromCharCode('a'.charCodeAt(0) + index)}`;
  return (
    `<disk type="file" device="disk"><driver name="qemu" type="${volume.format}" discard="unmap"/>` +
    `<source file="${escapeXml(paths.volume(volume.id))}"/>` +
    `<backingStore type="file"><format type="qcow2"/><source file="${escapeXml(paths.image(volume.backingDigest))}">` +
    `<seclabel model="dac" relabel="no"/></source><backingStore/></backingStore>` +
    `<target dev="${target}" bus="${bus}"/><serial>${volume.id.slice(0, 20)}</serial></disk>`
  );
}

/** Optional at start, since the seed is taken away after the first boot. */
const cdrom = ({ dev, bus }: Drive, seed: string): string =>
  `<disk type="file" device="cdrom"><driver name="qemu" type="raw"/><source file="${escapeXml(seed)}" startupPolicy="optional"/>` +
  `<target dev="${dev}" bus="${bus}"/><readonly/></disk>`;

function networkInterface(input: {
  serverId: string;
  vif: Vif;
  virtio: boolean;
  bridge: string;
  filterName: string;
}): string {
  const { serverId, vif, virtio, bridge, filterName } = input;
  return (
    `<interface type="bridge"><source bridge="${escapeXml(bridge)}"/><mac address="${vif.mac}"/>` +
    `<target dev="${vifName(serverId, vif.index)}"/><model type="${virtio ? 'virtio' : 'e1000'}"/>` +
    `<port isolated="yes"/><filterref filter="${escapeXml(filterName)}"/></interface>`
  );
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] as string);
