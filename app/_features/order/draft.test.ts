import { describe, expect, it } from 'vitest';
import { type Draft, parseStored, withDraft } from './draft.ts';

const draft: Draft = {
  zoneId: 'tokyo1',
  planId: 'small',
  imageId: 'img',
  name: 'web-1',
  hostname: '',
  virtio: true,
  deleteProtection: true,
  method: 'keys',
  sshKeyIds: ['b', 'a'],
};

/** Hands out key-1, key-2, … */
function keys() {
  let n = 0;
  return () => `key-${++n}`;
}

describe('the idempotency key of an order', () => {
  it('stays while the content stays, also after Back and a second submit', () => {
    const next = keys();
    const first = withDraft(null, draft, next);
    const again = withDraft({ ...first, serverId: 'abc' }, { ...draft, sshKeyIds: ['a', 'b'] }, next);
    expect(again.clientKey).toBe(first.clientKey);
    expect(again.serverId).toBe('abc');
  });

  it('changes with the content, and the new order has no server yet', () => {
    const next = keys();
    const first = withDraft(null, draft, next);
    const other = withDraft({ ...first, serverId: 'abc' }, { ...draft, name: 'web-2' }, next);
    expect(other.clientKey).not.toBe(first.clientKey);
    expect(other.serverId).toBeUndefined();
  });

  it('forgets old field errors when the draft is taken again', () => {
    const first = withDraft(null, draft, keys());
    const withErrors = { ...first, fields: { name: { code: 'taken' as const } } };
    expect(withDraft(withErrors, draft, keys()).fields).toBeUndefined();
  });
});

describe('reading what was stored', () => {
  it('gives back what was written', () => {
    const order = withDraft(null, draft, keys());
    expect(parseStored(JSON.stringify(order))).toEqual(order);
  });

  it.each([null, '', 'null', '{', '{"draft":{}}', '{"draft":{"zoneId":1},"clientKey":"k","keyFor":"x"}'])(
    'takes %j as nothing',
    (text) => {
      expect(parseStored(text)).toBeNull();
    },
  );
});
