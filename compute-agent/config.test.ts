import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';

it('has a working default for everything', () => {
  expect(parseConfig({})).toMatchObject({
    dataDir: '/var/lib/tsubo/agent',
    runDir: '/run/tsubo',
    listen: { host: '127.0.0.1', port: 9443 },
    healthPort: 9444,
    libvirtSocket: '/run/libvirt/libvirt-sock',
    bridge: { name: 'tsubo0', v4: '10.77.0.1/24', v6: 'fd77:7473:7562::1/64' },
    uplink: undefined,
    panelPort: undefined,
  });
});

it('takes what is set', () => {
  expect(
    parseConfig({
      TSUBO_DATA: '/srv/t',
      TSUBO_AGENT_LISTEN: '[fd00::1]:443',
      TSUBO_IMAGE_SOURCES: '/a:/b:',
      TSUBO_UPLINK: 'eth0',
      TSUBO_PANEL_PORT: '8443',
    }),
  ).toMatchObject({
    dataDir: '/srv/t/agent',
    listen: { host: 'fd00::1', port: 443 },
    imageSources: ['/a', '/b'],
    uplink: 'eth0',
    panelPort: 8443,
  });
  expect(parseConfig({ TSUBO_DATA: '/srv/t', TSUBO_AGENT_DATA: '/x' }).dataDir).toBe('/x');
});

it.each([
  ['TSUBO_AGENT_LISTEN', '9443'],
  ['TSUBO_AGENT_LISTEN', '127.0.0.1:99999'],
  ['TSUBO_HEALTH_PORT', 'x'],
  ['TSUBO_DATA', 'relative'],
  ['TSUBO_IMAGE_SOURCES', 'relative:/a'],
  ['TSUBO_BRIDGE', 'a name that is too long'],
  ['TSUBO_BRIDGE_V4', '10.77.0.1'],
  ['TSUBO_BRIDGE_V6', 'fd77::1/128'],
  ['TSUBO_BRIDGE_MAC', 'x'],
  ['TSUBO_LOG_LEVEL', 'loud'],
])('names the variable: %s=%s', (name, value) => {
  expect(() => parseConfig({ [name]: value })).toThrow(`${name}="${value}" is not usable`);
});
