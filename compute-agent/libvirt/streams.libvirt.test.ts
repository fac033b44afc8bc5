/** Against a real libvirtd: scripts/stack/isolate npx vitest run --project hypervisor compute-agent/libvirt/streams */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodePng } from '../screenshot/png.ts';
import type { DomainRef, LibvirtClient, PoolRef, VolRef } from './api.ts';
import { connect } from './client.ts';
import { LibvirtErrorCode } from './errors.ts';
import { IsolatedLibvirtd } from './isolated-libvirtd.ts';
import { tinyGuestDisk, tinyGuestXml } from './tiny-guest.ts';

const FOLDER = '/var/lib/libvirt/images';
const MIB = 1024 * 1024;
/** Unique in every run, because the control groups are not isolated. */
const name = `streams-${randomUUID().slice(0, 8)}`;
const screen = `<graphics type='vnc'><listen type='socket'/></graphics>
    <video><model type='vga' vram='16384'/></video>`;
const xml = tinyGuestXml({ name, uuid: randomUUID(), disk: `${FOLDER}/${name}.raw` }).replace(
  '</devices>',
  `${screen}</devices>`,
);

let daemon: IsolatedLibvirtd;
let libvirt: LibvirtClient;
let pool: PoolRef;

beforeAll(async () => {
  daemon = await IsolatedLibvirtd.start();
  await writeFile(`${FOLDER}/${name}.raw`, tinyGuestDisk());
  libvirt = connect();
  await libvirt.ready(20_000);
  await mkdir(`${FOLDER}/${name}`);
  pool = await libvirt.storagePoolDefineXml(
    `<pool type='dir'><name>${name}</name><target><path>${FOLDER}/${name}</path></target></pool>`,
  );
  await libvirt.storagePoolCreate(pool);
});

afterAll(async () => {
  for (const domain of (await libvirt?.listAllDomains()) ?? []) {
    if (domain.id !== -1) await libvirt.domainDestroy(domain).catch(() => {});
    await libvirt.domainUndefine(domain).catch(() => {});
  }
  await libvirt?.storagePoolDestroy(pool).catch(() => {});
  await libvirt?.storagePoolUndefine(pool).catch(() => {});
  await libvirt?.close();
  await daemon?.kill();
});

const volume = (volName: string, mib: number): Promise<VolRef> =>
  libvirt.storageVolCreateXml(
    pool,
    `<volume><name>${volName}</name><capacity unit='MiB'>${mib}</capacity><target><format type='raw'/></target></volume>`,
  );

/** The same random mebibyte over and over, each one marked, hashed on its way. */
function source(mib: number, hash = createHash('sha256')): Readable {
  const block = randomBytes(MIB);
  return Readable.from(
    (function* () {
      for (let i = 0; i < mib; i++) {
        block.writeUInt32BE(i);
        hash.update(block);
        yield Buffer.from(block);
      }
    })(),
  );
}

/** Sockets that libvirtd holds: clients, and what it keeps for them. */
async function daemonSockets(): Promise<number> {
  const folder = `/proc/${daemon.pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')));
  return links.filter((link) => link.startsWith('socket:')).length;
}

async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await condition()) return;
    await sleep(100);
  }
  throw new Error(`never: ${what}`);
}

describe('screenshot', () => {
  let domain: DomainRef;

  test('a domain that is off has none', async () => {
    domain = await libvirt.domainDefineXml(xml);
    const sockets = await daemonSockets();
    await expect(libvirt.domainScreenshot(domain)).rejects.toMatchObject({
      name: 'LibvirtError',
      code: LibvirtErrorCode.operationInvalid,
    });
    await eventually('its connection is given back', async () => (await daemonSockets()) === sockets);
  });

  test('of a running guest: a picture with the words of its BIOS', async () => {
    await libvirt.domainCreate(domain);
    let lit = 0;
    await eventually('something is on the screen', async () => {
      const { mime, stream } = await libvirt.domainScreenshot(domain);
      expect(mime).toBe('image/png');
      const picture = await decodePng(await buffer(stream));
      expect(picture.width).toBeGreaterThanOrEqual(640);
      lit = picture.rgb.filter((byte) => byte > 0x40).length;
      return lit > 1_000;
    });
    expect(lit).toBeLessThan(720 * 400 * 3);
    await expect(libvirt.domainScreenshot(domain, 7)).rejects.toMatchObject({
      code: LibvirtErrorCode.operationInvalid,
    });
    await libvirt.domainDestroy(domain);
  });
});

describe('a volume', () => {
  let vol: VolRef;
  let digest: string;

  test('64 MiB up: the file has them, and memory stays flat', async () => {
    vol = await volume('root', 64);
    await pipeline(source(4), await libvirt.storageVolUpload(vol));
    const before = process.memoryUsage().rss;
    const hash = createHash('sha256');
    await pipeline(source(64, hash), await libvirt.storageVolUpload(vol));
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * MIB);
    digest = hash.digest('hex');
    const file = await readFile(`${FOLDER}/${name}/root`);
    expect(createHash('sha256').update(file).digest('hex')).toBe(digest);
  });

  test('64 MiB down: the same, and memory stays flat', async () => {
    const before = process.memoryUsage().rss;
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of (await libvirt.storageVolDownload(vol)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    expect([bytes, hash.digest('hex')]).toEqual([64 * MIB, digest]);
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * MIB);
  });

  test('a range of it, both ways', async () => {
    const words = Buffer.from('Tsubo 壺');
    const range = { offset: 12_345n, length: BigInt(words.length) };
    await pipeline(Readable.from([words]), await libvirt.storageVolUpload(vol, range));
    expect(`${await buffer(await libvirt.storageVolDownload(vol, range))}`).toBe('Tsubo 壺');
    expect(await buffer(await libvirt.storageVolDownload(vol))).toHaveLength(64 * MIB);
  });

  test('more than its length: libvirt’s error comes in the middle', async () => {
    const upload = await libvirt.storageVolUpload(vol, { length: 1_000n });
    await expect(pipeline(source(2), upload)).rejects.toMatchObject({
      name: 'LibvirtError',
      procedure: 'storageVolUpload',
      code: LibvirtErrorCode.systemError,
    });
  });

  test('a slow reader holds up nobody', async () => {
    const stream = await libvirt.storageVolDownload(vol, {}, { deadlineMs: 500 });
    await sleep(1_500);
    const asked = performance.now();
    expect((await libvirt.storageVolLookupByName(pool, 'root')).name).toBe('root');
    expect(performance.now() - asked).toBeLessThan(1_000);
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(64 * MIB);
  });

  test('aborted in the middle, both ways: the connections are given back, the volume is free', async () => {
    const sockets = await daemonSockets();
    const down = await libvirt.storageVolDownload(vol);
    for await (const _ of down) break;
    const up = await libvirt.storageVolUpload(vol);
    await new Promise<void>((resolve) => up.write(Buffer.alloc(8 * MIB), () => resolve()));
    up.destroy();
    await eventually('two connections are given back', async () => (await daemonSockets()) === sockets);
    await pipeline(source(64), await libvirt.storageVolUpload(vol));
    expect(await daemonSockets()).toBe(sockets);
  });

  test('a hundred dropped streams leave nothing', async () => {
    const sockets = await daemonSockets();
    for (let i = 0; i < 100; i++) (await libvirt.storageVolDownload(vol)).destroy();
    await eventually('all are given back', async () => (await daemonSockets()) === sockets);
  });

  test('libvirtd is killed in the middle: unknown, and afterwards it works again', async () => {
    const down = await libvirt.storageVolDownload(vol);
    const up = await libvirt.storageVolUpload(await volume('other', 64));
    const ends = [
      (async () => {
        for await (const _ of down) await sleep(5);
      })(),
      pipeline(
        Readable.from(
          (async function* () {
            for (;;) {
              yield Buffer.alloc(65_536);
              await sleep(5);
            }
          })(),
        ),
        up,
      ),
    ].map((end) => end.catch((error: unknown) => error));
    await sleep(100);
    await daemon.kill();
    for (const end of ends) expect(await end).toMatchObject({ name: 'LibvirtDisconnectedError', sent: true });
    await daemon.start();
    await libvirt.ready(20_000);
    await libvirt.storagePoolRefresh(pool);
    expect(await buffer(await libvirt.storageVolDownload(vol))).toHaveLength(64 * MIB);
  });
});
