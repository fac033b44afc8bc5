/**
 * The three documents of a NoCloud seed. cloud-init reads them, and so does the small image, whose reader is no
 * YAML parser: the layout is that of scripts/images/small/seed-example. Every string that came from outside
 * stands in JSON's quotes, which are YAML's as well.
 */
import type { Seed, Vif } from '../contract/shapes.ts';

export interface SeedDocuments {
  'meta-data': string;
  'user-data': string;
  'network-config': string;
}

export function seedDocuments(seed: Seed): SeedDocuments {
  return { 'meta-data': metaData(seed), 'user-data': userData(seed), 'network-config': networkConfig(seed.vifs) };
}

const metaData = (seed: Seed): string => `instance-id: ${quote(seed.instanceId)}\nlocal-hostname: ${seed.hostname}\n`;

function userData(seed: Seed): string {
  const lines = [
    '#cloud-config',
    `hostname: ${seed.hostname}`,
    'manage_etc_hosts: true',
    'disable_root: false',
    // With a key and no password nobody may try passwords at all.
    `ssh_pwauth: ${seed.passwordHash !== null}`,
    'users:',
    '  - name: root',
    `    lock_passwd: ${seed.passwordHash === null}`,
  ];
  if (seed.passwordHash !== null) lines.push(`    hashed_passwd: ${quote(seed.passwordHash)}`);
  if (seed.sshKeys.length > 0)
    lines.push('    ssh_authorized_keys:', ...seed.sshKeys.map((key) => `      - ${quote(key)}`));
  return `${lines.join('\n')}\n`;
}

/** IPv6 is a /128: even the gateway is reached only by the route on the link (DESIGN 7). */
function networkConfig(vifs: Vif[]): string {
  const lines = ['version: 2', 'ethernets:'];
  for (const vif of vifs) {
    const name = `eth${vif.index}`;
    lines.push(
      `  ${name}:`,
      '    match:',
      `      macaddress: "${vif.mac}"`,
      `    set-name: ${name}`,
      // What stands here is all there is: a router's advertisement would stand in the way of its routes.
      '    accept-ra: false',
      '    addresses:',
      `      - "${vif.ipv4.address}/${vif.ipv4.prefix}"`,
      `      - "${vif.ipv6.address}/128"`,
    );
    // One way out; further interfaces only reach their own network.
    if (vif.index !== Math.min(...vifs.map(({ index }) => index))) continue;
    lines.push(
      `    gateway4: ${vif.ipv4.gateway}`,
      '    routes:',
      `      - to: "${vif.ipv6.gateway}/128"`,
      '        scope: link',
      '      - to: "::/0"',
      `        via: "${vif.ipv6.gateway}"`,
      '        on-link: true',
    );
  }
  return `${lines.join('\n')}\n`;
}

const quote = (text: string): string => JSON.stringify(text);
