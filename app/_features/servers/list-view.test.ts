import { describe, expect, it } from 'vitest';
import { arrange, type ListView, listParams, readListView } from './list-view.ts';

const server = (name: string, more: object = {}) => ({
  ...{ id: `id-${name}`, name, ipv4: '192.0.2.1', ipv6: null, state: 'running' as const, operation: null },
  ...{ nextRenewal: '2026-12-01', monthlyYenWithTax: 1000 },
  ...more,
});
const all: ListView = { query: '', filter: null, sort: null, descending: false };
const servers = [
  server('web-10', { ipv4: '192.0.2.10', nextRenewal: null }),
  server('web-2', { state: 'stopped', monthlyYenWithTax: 500 }),
  server('db', { state: 'needs-attention', nextRenewal: '2026-11-30' }),
  server('mail', { state: 'stopped-by-guest', monthlyYenWithTax: 3000 }),
];
const names = (view: Partial<ListView>) => arrange(servers, { ...all, ...view }).map(({ name }) => name);

describe('what is shown', () => {
  it('is found by name, address and id, however it is typed', () => {
    expect(names({ query: 'ＷＥＢ' })).toEqual(['web-2', 'web-10']);
    expect(names({ query: '2.10' })).toEqual(['web-10']);
    expect(names({ query: 'id-db' })).toEqual(['db']);
    expect(names({ query: 'nothing' })).toEqual([]);
  });
  it('is of one kind of state', () => {
    expect(names({ filter: 'stopped' })).toEqual(['mail', 'web-2']);
    expect(names({ filter: 'attention' })).toEqual(['db']);
    expect(names({ filter: 'running', query: 'web' })).toEqual(['web-10']);
  });
});

describe('the order', () => {
  it('is what needs somebody, then names with their numbers, unless another is asked for', () => {
    expect(names({})).toEqual(['db', 'mail', 'web-2', 'web-10']);
    expect(names({ sort: 'name', descending: true })).toEqual(['web-10', 'web-2', 'mail', 'db']);
    expect(names({ sort: 'price' })).toEqual(['web-2', 'db', 'web-10', 'mail']);
    expect(names({ sort: 'renewal' })).toEqual(['db', 'mail', 'web-2', 'web-10']);
  });
});

describe('in the address', () => {
  it('comes back as it was written', () => {
    for (const view of [
      all,
      { query: '東京 a&b', filter: 'stopped', sort: 'price', descending: true } as const,
      { query: '', filter: null, sort: 'name', descending: false } as const,
    ]) {
      const params = new URLSearchParams();
      for (const [key, value] of Object.entries(listParams(view))) if (value !== null) params.set(key, value);
      expect(readListView(params)).toEqual(view);
    }
  });
  it('takes what it does not know for the default', () => {
    expect(readListView(new URLSearchParams('state=burning&sort=-colour'))).toMatchObject({ filter: null, sort: null });
    expect(listParams(all)).toEqual({ q: null, state: null, sort: null });
  });
});
