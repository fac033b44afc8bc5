import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Seed } from '../contract/shapes.ts';
import { exec } from '../exec.ts';
import { seedDocuments } from './documents.ts';
import { Seeds } from './seeds.ts';

const vif = (index: number) => ({
  index,
  mac: `52:54:00:aa:00:0${index + 1}`,
  ipv4: { address: `10.77.${index}.11`, prefix: 24, gateway: `10.77.${index}.1` },
  ipv6: { address: `fd77:${index}::b`, gateway: `fd77:${index}::1` },
});
const seed: Seed = {
  instanceId: 'i-abcdefghij-1',
  hostname: 'web-1',
  passwordHash: '$6$salt$abc./DEF',
  sshKeys: ['ssh-ed25519 AAAA a "quoted" \\ comment: #1', 'ssh-rsa BBBB'],
  vifs: [vif(0)],
};

describe('documents', () => {
  it('hold name, hash and keys, each string in quotes', () => {
    const documents = seedDocuments(seed);
    expect(documents['meta-data']).toBe('instance-id: "i-abcdefghij-1"\nlocal-hostname: web-1\n');
    expect(documents['user-data']).toBe(
      [
        '#cloud-config',
        'hostname: web-1',
        'manage_etc_hosts: true',
        'disable_root: false',
        'ssh_pwauth: true',
        'users:',
        '  - name: root',
        '    lock_passwd: false',
        '    hashed_passwd: "$6$salt$abc./DEF"',
        '    ssh_authorized_keys:',
        '      - "ssh-ed25519 AAAA a \\"quoted\\" \\\\ comment: #1"',
        '      - "ssh-rsa BBBB"',
        '',
      ].join('\n'),
    );
  });

  it('lock the password where there is none', () => {
    const text = seedDocuments({ ...seed, passwordHash: null, sshKeys: [] })['user-data'];
    expect(text).toContain('ssh_pwauth: false');
    expect(text).toContain('lock_passwd: true');
    expect(text).not.toContain('hashed_passwd');
    expect(text).not.toContain('ssh_authorized_keys');
  });

  it('a key cannot add lines of its own', () => {
    const text = seedDocuments({ ...seed, sshKeys: ['x\nruncmd: [evil]'] })['user-data'];
    expect(text.split('\n').filter((line) => line.startsWith('runcmd'))).toEqual([]);
  });

  it('are understood by the small image: addresses, the gateway on the link, one way out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tsubo-documents-'));
    const file = join(folder, 'network-config');
    await writeFile(file, seedDocuments({ ...seed, vifs: [vif(0), vif(1)] })['network-config']);
    const reader = join(import.meta.dirname, '../../scripts/images/small/root/etc/seed');
    expect(execFileSync('/bin/sh', [reader, 'parse', file], { encoding: 'utf8' }).trim().split('\n')).toEqual([
      'mac 52:54:00:aa:00:01',
      'addr 10.77.0.11/24',
      'addr fd77:0::b/128',
      'gw4 10.77.0.1',
      'route fd77:0::1/128 -',
      'route ::/0 fd77:0::1',
      'mac 52:54:00:aa:00:02',
      'addr 10.77.1.11/24',
      'addr fd77:1::b/128',
    ]);
    await rm(folder, { recursive: true, force: true });
  });
});

describe('the ISO', () => {
  let folder: string;
  let seeds: Seeds;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsubo-seeds-'));
    seeds = new Seeds(folder, exec);
    await seeds.prepare();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('has the label and files that NoCloud looks for, and the documents in them', async () => {
    await seeds.put('abcdefghij', seed);
    await seeds.put('abcdefghij', seed);
    const iso = await readFile(seeds.pathOf('abcdefghij'));
    expect(iso.toString('latin1', 0x8028, 0x8048).trim()).toBe('cidata');
    const text = iso.toString('utf8');
    for (const [name, content] of Object.entries(seedDocuments(seed))) {
      expect(text).toContain(name);
      expect(text).toContain(content);
    }
    expect(await seeds.servers()).toEqual(['abcdefghij']);
    // Hashes of passwords are nobody's to read; libvirt gives it to QEMU's user while the guest runs.
    expect((await stat(seeds.pathOf('abcdefghij'))).mode & 0o777).toBe(0o600);
  });

  it('goes once', async () => {
    await seeds.put('abcdefghij', seed);
    expect(await seeds.remove('abcdefghij')).toBe(true);
    expect(await seeds.remove('abcdefghij')).toBe(false);
    expect(await seeds.servers()).toEqual([]);
  });

  it('leaves nothing behind where it cannot be made', async () => {
    const failing = new Seeds(folder, () => Promise.reject(new Error('no genisoimage')));
    await expect(failing.put('abcdefghij', seed)).rejects.toThrow('no genisoimage');
    expect(await seeds.servers()).toEqual([]);
    expect(await readdir(join(folder, 'seeds'))).toEqual([]);
  });
});
