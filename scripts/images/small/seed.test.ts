/** The small image's reader of seeds, on the example and on what the agent writes. It runs in the image's own shell. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Seed, Vif } from '../../../compute-agent/contract/shapes.ts';
import { seedDocuments } from '../../../compute-agent/seeds/documents.ts';

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'tsubo-seed-'));
afterAll(() => rmSync(folder, { recursive: true }));

function understood(what: 'parse' | 'user', text: string): string[] {
  const file = join(folder, 'document');
  writeFileSync(file, text);
  const out = execFileSync('/bin/busybox', ['sh', join(here, 'root/etc/seed'), what, file], { encoding: 'utf8' });
  return out.split('\n').slice(0, -1);
}
const example = (name: string): string => readFileSync(join(here, 'seed-example', name), 'utf8');

const vif: Vif = {
  index: 0,
  mac: '52:54:00:aa:00:01',
  ipv4: { address: '10.77.0.11', prefix: 24, gateway: '10.77.0.1' },
  ipv6: { address: 'fd77:7473:7562::b', gateway: 'fd77:7473:7562::1' },
};
const seed: Seed = {
  instanceId: 'i-1',
  hostname: 'web1',
  passwordHash: '$6$salt$hash',
  sshKeys: ['ssh-ed25519 AAAA one'],
  vifs: [vif],
};
const wanted = [
  'mac 52:54:00:aa:00:01',
  'addr 10.77.0.11/24',
  'addr fd77:7473:7562::b/128',
  'gw4 10.77.0.1',
  'route fd77:7473:7562::1/128 -',
  'route ::/0 fd77:7473:7562::1',
];

describe('network-config', () => {
  test('of the example', () => expect(understood('parse', example('network-config'))).toEqual(wanted));
  test('of the agent', () => expect(understood('parse', seedDocuments(seed)['network-config'])).toEqual(wanted));
  test('of the agent, with two interfaces', () => {
    const second: Vif = { ...vif, index: 1, mac: '52:54:00:aa:00:02', ipv4: { ...vif.ipv4, address: '10.77.0.12' } };
    expect(understood('parse', seedDocuments({ ...seed, vifs: [vif, second] })['network-config'])).toEqual([
      ...wanted,
      'mac 52:54:00:aa:00:02',
      'addr 10.77.0.12/24',
      'addr fd77:7473:7562::b/128',
    ]);
  });
  test('as JSON, with name servers', () => {
    const text = JSON.stringify({
      version: 2,
      ethernets: {
        eth0: {
          match: { macaddress: vif.mac },
          addresses: ['10.77.0.11/24', 'fd77:7473:7562::b/128'],
          gateway4: '10.77.0.1',
          nameservers: { addresses: ['192.0.2.53'] },
          routes: [
            { to: 'fd77:7473:7562::1/128', scope: 'link' },
            { to: '::/0', via: 'fd77:7473:7562::1', 'on-link': true },
          ],
        },
      },
    });
    expect(understood('parse', text)).toEqual([...wanted.slice(0, 4), 'dns 192.0.2.53', ...wanted.slice(4)]);
  });
});

describe('user-data', () => {
  test('of the example', () => {
    const [hash, ...keys] = understood('user', example('user-data'));
    expect(hash).toMatch(/^\$6\$tsuboexample\$[./A-Za-z0-9]{86}$/);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^ssh-ed25519 \S+ first "quoted" comment$/);
  });
  test('of the agent, without a password: nothing but the keys', () => {
    const text = seedDocuments({ ...seed, passwordHash: null })['user-data'];
    expect(understood('user', text)).toEqual(['ssh-ed25519 AAAA one']);
  });
  test('of the agent, with keys whose comments hold anything printable', () => {
    const comment = fc.string({ unit: fc.constantFrom(...`abc "'\\#:,[]{}-$&|*é日 `), minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(comment, { minLength: 1, maxLength: 4 }), (comments) => {
        const sshKeys = comments.map((text) => `ssh-ed25519 AAAA ${text}.`);
        expect(understood('user', seedDocuments({ ...seed, sshKeys })['user-data'])).toEqual([
          seed.passwordHash,
          ...sshKeys,
        ]);
      }),
      { numRuns: 60 },
    );
  });
});
