/** The host's own part of the network on a kernel of its own, without guests and without libvirt. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inFreshKernel } from './testing-kernel.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsubo-network-'));
  // dnsmasq gives up root and reads its leases.
  await chmod(root, 0o755);
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Two agents of two installations: a has tsubo0 and 10.77.0.0/24, b has br-b and 10.78.0.0/24. */
const installations = () => `
  const warned = [];
  const log = { info() {}, warn: (fields) => warned.push(fields), error: (fields) => warned.push(fields) };
  const installation = (bridge, n) => createNetwork({
    bridge, v4: \`10.7\${n}.0.1/24\`, v6: \`fd7\${n}::1/64\`, mac: \`52:54:00:7\${n}:00:01\`,
    dataDir: ${JSON.stringify(root)} + '/' + n, libvirt: { onConnected: () => () => {} }, run: exec, log, watchMs: 60_000,
  });
  const [a, b] = [installation('tsubo0', 7), installation('br-b', 8)];
`;

test('two installations on one machine leave each other their rules', async () => {
  const { checks, rules } = await inFreshKernel<{ checks: string[][]; rules: string }>(`${installations()}
    await a.prepare();
    await b.prepare();
    const checks = [await a.check(), await b.check(), await a.check()];
    answer({ checks, rules: await nft('list', 'ruleset') });
  `);
  expect(checks).toEqual([[], [], []]);
  for (const bridge of ['tsubo0', 'br-b']) expect(rules).toContain(`iifname "${bridge}" jump from_guest_to_host`);
  for (const n of [7, 8]) expect(rules).toMatch(new RegExp(`ip saddr 10\\.7${n}\\.0\\.0/24 .* masquerade`));
});

test('a bridge that was deleted and made again gets a dnsmasq that listens on it', async () => {
  const { found, bound, again } = await inFreshKernel<{
    found: string[];
    bound: string;
    again: string[];
  }>(`${installations()}
    await a.prepare();
    await ip('link delete dev tsubo0');
    const found = await a.check();
    // ss names the interface that a socket is bound to, or its number where there is none of that number.
    const { execFileSync } = await import('node:child_process');
    const bound = execFileSync('/usr/bin/ss', ['-Hulpn', 'sport = :67'], { encoding: 'utf8' });
    answer({ found, bound, again: await a.check() });
  `);
  expect(found).toEqual(['bridge-restored', 'dnsmasq-restarted']);
  expect(bound).toContain('%tsubo0:67');
  expect(again).toEqual([]);
});

test("an upgrade takes the tables of their old names away, but not another installation's", async () => {
  const old = `
    table inet tsubo { chain input { type filter hook input priority filter; iifname "tsubo0" drop; }; }
    table ip tsubo_nat { chain postrouting { ip saddr 10.77.0.0/24 oifname != "tsubo0" masquerade; }; }
  `;
  const [afterB, afterA] = await inFreshKernel<string[]>(`${installations()}
    await exec('nft', ['-f', '-'], { input: ${JSON.stringify(old)} });
    await b.prepare();
    const afterB = await nft('list', 'tables');
    await a.prepare();
    answer([afterB, await nft('list', 'tables')]);
  `);
  const isOld = (line: string) => /^table (inet tsubo|ip tsubo_nat)$/.test(line);
  expect(afterB?.split('\n').filter(isOld)).toHaveLength(2);
  expect(afterA?.split('\n').filter(isOld)).toEqual([]);
});
