/** What of the servers is shown, and in which order. It is in the page's address, so that it can be kept and sent. */
import type { ServerView } from '../../../server/servers/schema.ts';
import { matches } from '../search/match.ts';
import { compareNames, needsSomeone, sortServers } from './sort.ts';

export const listFilters = ['running', 'stopped', 'attention'] as const;
export type ListFilter = (typeof listFilters)[number];
export const listSorts = ['name', 'state', 'renewal', 'price'] as const;
export type ListSort = (typeof listSorts)[number];

export interface ListView {
  query: string;
  filter: ListFilter | null;
  /** null: what needs somebody first, then by name. */
  sort: ListSort | null;
  descending: boolean;
}

type Listed = Pick<
  ServerView,
  'id' | 'name' | 'ipv4' | 'ipv6' | 'state' | 'operation' | 'nextRenewal' | 'monthlyYenWithTax'
>;

export function readListView(params: Pick<URLSearchParams, 'get'>): ListView {
  const sort = params.get('sort') ?? '';
  const name = sort.replace(/^-/, '');
  return {
    query: params.get('q') ?? '',
    filter: listFilters.find((one) => one === params.get('state')) ?? null,
    sort: listSorts.find((one) => one === name) ?? null,
    descending: sort.startsWith('-'),
  };
}

/** The other way round; what is the default is left out. */
export function listParams({ query, filter, sort, descending }: ListView): Record<string, string | null> {
  return {
    q: query === '' ? null : query,
    state: filter,
    sort: sort === null ? null : `${descending ? '-' : ''}${sort}`,
  };
}

const fits: Record<ListFilter, (server: Listed) => boolean> = {
  running: ({ state }) => state === 'running' || state === 'restarting',
  stopped: ({ state }) => state === 'stopped' || state === 'stopped-by-guest',
  attention: needsSomeone,
};

/** Where the key is the same, by name. */
const orders: Record<ListSort, (a: Listed, b: Listed) => number> = {
  name: () => 0,
  state: (a, b) => a.state.localeCompare(b.state),
  // Without a further term: after all that have one.
  renewal: (a, b) => (a.nextRenewal ?? '9').localeCompare(b.nextRenewal ?? '9'),
  price: (a, b) => a.monthlyYenWithTax - b.monthlyYenWithTax,
};

export function arrange<S extends Listed>(servers: readonly S[], { query, filter, sort, descending }: ListView): S[] {
  const shown = servers.filter(
    (server) =>
      (filter === null || fits[filter](server)) &&
      matches(query, [server.name, server.id, server.ipv4 ?? '', server.ipv6 ?? '']),
  );
  if (sort === null) return sortServers(shown);
  const order = orders[sort];
  const turn = descending ? -1 : 1;
  return shown.sort((a, b) => turn * (order(a, b) || compareNames(a, b)));
}
