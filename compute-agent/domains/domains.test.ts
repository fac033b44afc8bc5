import { expect, it } from 'vitest';
import type { DomainSpec } from '../contract/shapes.ts';
import type { Body } from '../driver.ts';
import { DomainState } from '../libvirt/api.ts';
import { LibvirtError, LibvirtErrorCode } from '../libvirt/errors.ts';
import type { Parts } from '../parts.ts';
import { ServerPaths } from '../paths.ts';
import { tearDown } from '../removal.ts';
import { destroyDomain, startDomain } from './domains.ts';
import { seenFromState } from './observed.ts';

const STARTING_UP = 11;
const serverId = 'abcdefghij';
const spec: DomainSpec = {
  uuid: '00000000-0000-4000-8000-000000000000',
  vcpu: 1,
  memoryMiB: 64,
  firmware: 'bios',
  virtio: true,
  disks: [{ id: 'vol_abcdefghijklmnop', sizeGiB: 1, format: 'qcow2', backingDigest: 'a'.repeat(64) }],
  vifs: [
    {
      index: 0,
      mac: '52:54:00:00:00:01',
      ipv4: { address: '10.77.0.10', prefix: 24, gateway: '10.77.0.1' },
      ipv6: { address: 'fd77::10', gateway: 'fd77::1' },
    },
  ],
};

/** A domain that libvirtd is starting, for a caller who is gone; and what is asked of libvirt about it. */
function starting({ abandoned = false, chainsLeft = false } = {}) {
  const asked: string[] = [];
  const body: Body = {
    serverId,
    uuid: spec.uuid,
    generation: 1,
    spec,
    bodyHash: '',
    seen: seenFromState({ state: DomainState.paused, reason: STARTING_UP }),
  };
  const off = () => ({ ...body, seen: { state: 'off', reason: 'destroyed' } as const });
  const running = () => ({ ...body, seen: { state: 'running', reason: 'booted' } as const });
  let now: Body = body;
  const nothing = async () => {};
  const parts = {
    hypervisor: {
      look: async () => now,
      destroy: async () => {
        asked.push('destroy');
        now = off();
      },
      start: async () => {
        asked.push('start');
        if (now.seen.state === 'off') {
          if (chainsLeft) throw new LibvirtError('Chain already exists', { code: 1, domain: 34, level: 2 });
          now = running();
          return;
        }
        if (!abandoned) now = running();
        throw new LibvirtError('domain is already running', {
          code: LibvirtErrorCode.operationInvalid,
          domain: 10,
          level: 2,
        });
      },
      define: nothing,
      undefine: async () => void asked.push('undefine'),
    },
    network: {
      filterName: () => 'f',
      attached: nothing,
      remove: async () => [],
      clear: async () => {
        asked.push('clear');
        const were = chainsLeft;
        chainsLeft = false;
        return were;
      },
    },
    volumes: { pathOf: () => '/v', removeAll: async () => [] },
    images: { pathOf: () => '/i' },
    seeds: { pathOf: () => '/s', remove: async () => false },
    paths: { of: () => new ServerPaths('/d', '/r').of(serverId), make: nothing, remove: nothing },
    runs: { refine: async (_: string, seen: Body['seen']) => seen.reason, forget: nothing },
    generations: { forget: nothing },
    watch: { settled: nothing, idle: nothing },
    heavy: { run: (_: number, work: () => unknown) => work() },
    accelerator: async () => ({ type: 'qemu', cpu: null, attempts: [] }),
    hostId: 'h_one',
    bridge: 'b',
  } as unknown as Parts;
  return { parts, body, asked };
}

it('cutting the power of a domain that is being started really cuts it', async () => {
  const { parts, body, asked } = starting();
  expect(await destroyDomain(parts, body)).toMatchObject({ state: 'off', reason: 'destroyed' });
  expect(asked).toEqual(['destroy']);
});

it('so does taking it away', async () => {
  const { parts, body, asked } = starting();
  await tearDown(parts, serverId, body);
  expect(asked).toEqual(['destroy', 'undefine']);
});

it('a start that comes on top of it waits for it instead of killing it', async () => {
  const { parts, body, asked } = starting();
  expect(await startDomain(parts, body)).toMatchObject({ state: 'running' });
  expect(asked).toEqual(['start']);
});

it('a start that its libvirtd left half-done when it died is cut and made anew', async () => {
  const { parts, body, asked } = starting({ abandoned: true });
  expect(await startDomain(parts, body)).toMatchObject({ state: 'running' });
  expect(asked).toEqual(['start', 'destroy', 'start']);
});

it('filter chains that it left are taken away, and the start is made anew', async () => {
  const { parts, body, asked } = starting({ abandoned: true, chainsLeft: true });
  await destroyDomain(parts, body);
  const off = { ...body, seen: { state: 'off', reason: 'destroyed' } as const };
  expect(await startDomain(parts, off)).toMatchObject({ state: 'running' });
  expect(asked).toEqual(['destroy', 'start', 'clear', 'start']);
});
