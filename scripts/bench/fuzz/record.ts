/**
 * Records what a real libvirtd says to our client, one frame of each kind: `npm run -s bench fuzz -- --record` writes
 * recorded.json. Runs beside an empty libvirtd of its own (scripts/stack/run --only libvirt), as a proxy on a socket.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../../compute-agent/libvirt/client.ts';
import { encodeFrame, FrameReader } from '../../../compute-agent/libvirt/frames.ts';
import { tinyGuestDisk, tinyGuestXml } from '../../../compute-agent/libvirt/tiny-guest.ts';

/** What is longer is many of the same. */
const FRAME_BYTES_MAX = 16_384;
const recorded = new Map<string, string>();

const socketPath = `/run/bench-${randomUUID().slice(0, 8)}.sock`;
const proxy = createServer((client) => {
  const daemon = connectSocket('/run/libvirt/libvirt-sock');
  const frames = new FrameReader();
  client.pipe(daemon);
  daemon.on('data', (chunk: Buffer) => {
    client.write(chunk);
    for (const frame of frames.push(chunk)) {
      const kind = `${frame.program.toString(16)}/${frame.procedure}/${frame.type}/${frame.status}`;
      const bytes = encodeFrame(frame, frame.payload);
      if (bytes.length <= FRAME_BYTES_MAX && !recorded.has(kind)) recorded.set(kind, bytes.toString('base64'));
    }
  });
  daemon.on('close', () => client.destroy());
  client.on('close', () => daemon.destroy());
  for (const socket of [client, daemon]) socket.on('error', () => {});
});
await new Promise<void>((resolve) => proxy.listen(socketPath, resolve));

const FOLDER = '/var/lib/libvirt/images';
const name = `bench-${randomUUID().slice(0, 8)}`;
writeFileSync(`${FOLDER}/${name}.raw`, tinyGuestDisk());
const screen = `<graphics type='vnc'><listen type='socket'/></graphics>
  <video><model type='vga' vram='16384'/></video></devices>`;
const xml = tinyGuestXml({ name, uuid: randomUUID(), disk: `${FOLDER}/${name}.raw` }).replace('</devices>', screen);

const libvirt = connect({ socketPath, keepaliveIntervalMs: 200 });
await libvirt.ready(30_000);
await libvirt.getVersion();
await libvirt.getLibVersion();
await libvirt.getHostname();
await libvirt.getCapabilities();
const domain = await libvirt.domainDefineXml(xml);
await libvirt.domainLookupByName(name);
await libvirt.domainLookupByUuid(domain.uuid);
await libvirt.domainLookupByName('nobody').catch(() => {});
await libvirt.domainCreate(domain);
await libvirt.listAllDomains();
await libvirt.domainGetXmlDesc(domain);
await libvirt.domainGetState(domain);
await libvirt.domainGetInfo(domain);
await libvirt.domainSendKey(domain, 0, 50, [28]);
await libvirt.domainQemuMonitorCommand(domain, '{"execute":"query-status"}');
await libvirt.domainAgentCommand(domain, '{"execute":"guest-ping"}', 1).catch(() => {});
await buffer((await libvirt.domainScreenshot(domain)).stream);
// Its button comes with an event of a reboot.
for (let i = 0; i < 10; i++) {
  await libvirt.domainReboot(domain, 1);
  await sleep(500);
}
await libvirt.domainShutdown(domain).catch(() => {});
await libvirt.domainDestroy(domain).catch(() => {});
await libvirt.domainUndefine(domain);

const filter = await libvirt.nwfilterDefineXml(`<filter name='${name}' chain='root'/>`);
await libvirt.nwfilterLookupByName(name);
await libvirt.nwfilterGetXmlDesc(filter);
await libvirt.listAllNwfilters();
await libvirt.nwfilterUndefine(filter);

mkdirSync(`${FOLDER}/${name}`);
const pool = await libvirt.storagePoolDefineXml(
  `<pool type='dir'><name>${name}</name><target><path>${FOLDER}/${name}</path></target></pool>`,
);
await libvirt.storagePoolCreate(pool);
await libvirt.storagePoolLookupByName(name);
await libvirt.storagePoolIsActive(pool);
await libvirt.storagePoolRefresh(pool);
const vol = await libvirt.storageVolCreateXml(pool, `<volume><name>v</name><capacity unit='KiB'>8</capacity></volume>`);
await libvirt.storageVolLookupByName(pool, 'v');
await libvirt.storageVolGetXmlDesc(vol);
await libvirt.listAllStorageVols(pool);
await pipeline(Readable.from([Buffer.alloc(8192, 'x')]), await libvirt.storageVolUpload(vol));
await pipeline(Readable.from([Buffer.alloc(9)]), await libvirt.storageVolUpload(vol, { length: 4n })).catch(() => {});
await buffer(await libvirt.storageVolDownload(vol));
await libvirt.storageVolDelete(vol);
await libvirt.storagePoolDestroy(pool);
await libvirt.storagePoolUndefine(pool);
await sleep(1_000);
await libvirt.close();
proxy.close();

const file = join(import.meta.dirname, 'recorded.json');
const sorted = [...recorded].sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
process.stdout.write(`${sorted.length} kinds of frames\n`);
