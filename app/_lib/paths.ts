/** Every address of the panel. Ids, not names; the language is not in the path. */
export const paths = {
  home: '/servers',
  login: '/login',
  signup: '/signup',
  servers: '/servers',
  server: (id: string) => `/servers/${id}`,
  newServer: '/servers/new',
  confirmServer: '/servers/new/confirm',
  operation: (id: string) => `/operations/${id}`,
  profile: '/account/profile',
  sshKeys: '/account/ssh-keys',
  staffHosts: '/staff/hosts',
  staffOperations: '/staff/operations',
} as const;
