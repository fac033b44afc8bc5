/** Every address of the panel. Ids, not names; the language is not in the path. */
export const paths = {
  /** Leads on to where a person's work is. */
  home: '/',
  login: '/login',
  signup: '/signup',
  servers: '/servers',
  server: (id: string) => `/servers/${id}`,
  serverHistory: (id: string) => `/servers/${id}/history`,
  serverSettings: (id: string) => `/servers/${id}/settings`,
  screen: (id: string) => `/servers/${id}/screen`,
  /** A PNG. */
  screenPicture: (id: string) => `/api/servers/${id}/screen`,
  serial: (id: string) => `/servers/${id}/serial`,
  newServer: '/servers/new',
  confirmServer: '/servers/new/confirm',
  operation: (id: string) => `/operations/${id}`,
  profile: '/account/profile',
  security: '/account/security',
  sshKeys: '/account/ssh-keys',
  staffHosts: '/staff/hosts',
  staffOperations: '/staff/operations',
  staffOperationsOf: (what: 'server' | 'account' | 'id', id: string) => `/staff/operations?${what}=${id}`,
} as const;

/** From the proxy to the page that is drawn behind it: which page that is (path and search). */
export const pageHeader = 'x-tsubo-page';

/** The sign-in page that leads back to `path`. */
export function loginFrom(path: string): string {
  return path === paths.home || path === paths.servers
    ? paths.login
    : `${paths.login}?next=${encodeURIComponent(path)}`;
}

/** Where to go after signing in. Only to a page of ours: `next` comes from an address that anybody may have written. */
export function afterLogin(next: string | null | undefined): string {
  if (next === null || next === undefined || !/^\/(?![/\\])/.test(next)) return paths.home;
  const url = new URL(next, 'http://panel');
  return url.host === 'panel' && !url.pathname.startsWith('/api/') ? `${url.pathname}${url.search}` : paths.home;
}
