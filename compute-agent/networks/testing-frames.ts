/** The frames of a guest that lies, and those of one that does not; each carries its own name, by which it is found. */
import { arp, ethernet, neighbourAdvertisement, udp4, udp6 } from '../../scripts/stack/frames.ts';
import type { Vif } from '../contract/shapes.ts';
import { linkLocal } from './addresses.ts';
import { GATEWAY } from './testing-field.ts';

type Frames = Record<string, string>;

export function framesOf(liar: Vif, other: Vif): { honest: Frames; forged: Frames } {
  const me = { fromMac: liar.mac, toMac: GATEWAY.mac };
  const [own4, own6] = [liar.ipv4.address, liar.ipv6.address];
  const honest = {
    'honest-udp4': udp4({ ...me, from: own4, to: GATEWAY.v4, marker: 'honest-udp4' }),
    'honest-udp6': udp6({ ...me, from: own6, to: GATEWAY.v6, marker: 'honest-udp6' }),
    'honest-arp': arp({ ...me, opcode: 1, claims: own4, target: GATEWAY.v4, marker: 'honest-arp' }),
    'honest-na': neighbourAdvertisement({
      ...me,
      from: own6,
      to: GATEWAY.v6,
      claims: own6,
      claimsMac: me.fromMac,
      marker: 'honest-na',
    }),
  };
  const asVictim = { ...me, fromMac: other.mac };
  const all = { ...me, toMac: 'ff:ff:ff:ff:ff:ff' };
  const forged = {
    'forged-victim4': udp4({ ...me, from: other.ipv4.address, to: GATEWAY.v4, marker: 'forged-victim4' }),
    'forged-foreign4': udp4({ ...me, from: '203.0.113.9', to: GATEWAY.v4, marker: 'forged-foreign4' }),
    'forged-zero4': udp4({ ...me, from: '0.0.0.0', to: GATEWAY.v4, marker: 'forged-zero4' }),
    'forged-victim6': udp6({ ...me, from: other.ipv6.address, to: GATEWAY.v6, marker: 'forged-victim6' }),
    'forged-gateway6': udp6({ ...me, from: GATEWAY.v6, to: other.ipv6.address, marker: 'forged-gateway6' }),
    'forged-local6': udp6({ ...me, from: linkLocal(other.mac), to: GATEWAY.v6, marker: 'forged-local6' }),
    'forged-mac4': udp4({ ...asVictim, from: own4, to: GATEWAY.v4, marker: 'forged-mac4' }),
    'forged-mac6': udp6({ ...asVictim, from: own6, to: GATEWAY.v6, marker: 'forged-mac6' }),
    'forged-arp-victim': arp({
      ...all,
      opcode: 2,
      claims: other.ipv4.address,
      target: GATEWAY.v4,
      marker: 'forged-arp-victim',
    }),
    'forged-arp-gateway': arp({
      ...all,
      opcode: 2,
      claims: GATEWAY.v4,
      target: other.ipv4.address,
      marker: 'forged-arp-gateway',
    }),
    'forged-arp-asks': arp({
      ...all,
      opcode: 1,
      claims: GATEWAY.v4,
      target: other.ipv4.address,
      marker: 'forged-arp-asks',
    }),
    'forged-arp-mac': arp({
      ...me,
      opcode: 2,
      claims: own4,
      claimsMac: other.mac,
      target: GATEWAY.v4,
      marker: 'forged-arp-mac',
    }),
    'forged-na-victim': neighbourAdvertisement({
      ...me,
      from: other.ipv6.address,
      to: GATEWAY.v6,
      claims: other.ipv6.address,
      claimsMac: me.fromMac,
      marker: 'forged-na-victim',
    }),
    'forged-na-gateway': neighbourAdvertisement({
      ...me,
      toMac: '33:33:00:00:00:01',
      from: GATEWAY.v6,
      to: 'ff02::1',
      claims: GATEWAY.v6,
      claimsMac: me.fromMac,
      marker: 'forged-na-gateway',
    }),
    'forged-lldp': ethernet(me, 0x88cc, Buffer.from('forged-lldp')),
    'forged-vlan': ethernet(me, 0x8100, Buffer.from('00010800forged-vlan')),
  };
  return { honest, forged };
}
