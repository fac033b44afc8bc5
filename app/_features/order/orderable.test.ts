import { describe, expect, it } from 'vitest';
import type { OrderOptions } from '../../../server/catalog/schema.ts';
import { freshDraft } from './freshDraft.ts';
import { defaults } from './orderable.ts';

const plan = (id: string, memoryMiB: number, zonesWithRoom: string[]) => ({
  id,
  nameJa: id,
  nameEn: id,
  vcpu: 1,
  memoryMiB,
  diskGiB: 20,
  transferGiB: 100,
  yen: 1000,
  taxYen: 100,
  yenWithTax: 1100,
  taxPercent: 10,
  zonesWithRoom,
});
const image = (id: string, minMemoryMiB: number, state: 'ready' | 'preparing' = 'ready') => ({
  id,
  family: id,
  version: '1',
  nameJa: id,
  nameEn: id,
  state,
  loginUser: 'root',
  minDiskGiB: 1,
  minMemoryMiB,
});
const options = (plans: OrderOptions['plans'], images: OrderOptions['images']): OrderOptions => ({
  zones: [
    { id: 't1', nameJa: '東京1', nameEn: 'Tokyo 1' },
    { id: 't2', nameJa: '東京2', nameEn: 'Tokyo 2' },
  ],
  plans,
  images,
  suggestedName: 'web-1',
  term: { first: '2026-11-24', last: '2026-12-23', renewal: '2026-12-24' },
  takesPayment: false,
});

describe('what the order page starts from', () => {
  it('skips a zone without room, a plan without room and an image that is not ready', () => {
    const start = defaults(
      options([plan('s', 512, []), plan('m', 1024, ['t2'])], [image('new', 128, 'preparing'), image('small', 128)]),
    );
    expect(start).toEqual({ zoneId: 't2', planId: 'm', imageId: 'small' });
  });

  it('keeps what was chosen before while it may be ordered', () => {
    const all = options([plan('s', 512, ['t1']), plan('m', 1024, ['t1'])], [image('a', 128), image('b', 128)]);
    const before = { zoneId: 't1', planId: 'm', imageId: 'b' };
    expect(defaults(all, before)).toEqual(before);
    expect(defaults(all, { ...before, planId: 'gone', imageId: 'gone' })).toEqual({
      zoneId: 't1',
      planId: 's',
      imageId: 'a',
    });
  });

  it('does not take an image that is too big for the plan', () => {
    const start = defaults(options([plan('s', 512, ['t1'])], [image('big', 1024), image('small', 128)]));
    expect(start.imageId).toBe('small');
  });

  it('chooses nothing where there is nothing', () => {
    expect(defaults(options([plan('s', 512, [])], []))).toEqual({ zoneId: 't1', planId: '', imageId: '' });
  });
});

it('a fresh order could be placed as it stands, with keys in the account or without', () => {
  const offered = options([plan('small', 1024, ['t1'])], [image('debian', 512)]);
  const chosen = { zoneId: 't1', planId: 'small', imageId: 'debian', name: 'web-1' };
  expect(freshDraft(offered, ['a', 'b'])).toMatchObject({ ...chosen, method: 'keys', sshKeyIds: ['a', 'b'] });
  expect(freshDraft(offered, [])).toMatchObject({ ...chosen, method: 'password' });
});
