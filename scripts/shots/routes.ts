/** Every page of the panel, for what looks at all of them: its place in app/, who may see it, an address of it. */

export type Seen = 'visitor' | 'customer' | 'staff';

/** What addresses name: a server that runs, one that is stopped, an operation. */
export type Ids = { running: string; stopped: string; operation: string };

export type Route = {
  /** Next's folder below app/, with its groups. */
  page: string;
  as: Seen;
  /** Its addresses by name: several where a page looks different with other data. */
  addresses: (ids: Ids) => Record<string, string>;
};

const at = (name: string, path: string) => () => ({ [name]: path });

export const routes: Route[] = [
  { page: '(auth)/login', as: 'visitor', addresses: at('login', '/login') },
  { page: '(auth)/signup', as: 'visitor', addresses: at('signup', '/signup') },
  { page: '(panel)/[...address]', as: 'customer', addresses: at('not-found', '/no/such/page') },
  { page: '(panel)/servers', as: 'customer', addresses: at('servers', '/servers') },
  { page: '(panel)/servers/new', as: 'customer', addresses: at('order', '/servers/new') },
  { page: '(panel)/servers/new/confirm', as: 'customer', addresses: at('confirm', '/servers/new/confirm') },
  {
    page: '(panel)/servers/[id]/(tabs)',
    as: 'customer',
    addresses: ({ running, stopped }) => ({ server: `/servers/${running}`, 'server-stopped': `/servers/${stopped}` }),
  },
  {
    page: '(panel)/servers/[id]/(tabs)/history',
    as: 'customer',
    addresses: ({ running }) => ({ history: `/servers/${running}/history` }),
  },
  {
    page: '(panel)/servers/[id]/(tabs)/settings',
    as: 'customer',
    addresses: ({ running }) => ({ settings: `/servers/${running}/settings` }),
  },
  {
    page: '(console)/servers/[id]/screen',
    as: 'customer',
    addresses: ({ running, stopped }) => ({
      screen: `/servers/${running}/screen`,
      'screen-stopped': `/servers/${stopped}/screen`,
    }),
  },
  {
    page: '(console)/servers/[id]/serial',
    as: 'customer',
    addresses: ({ running }) => ({ serial: `/servers/${running}/serial` }),
  },
  {
    page: '(panel)/operations/[id]',
    as: 'customer',
    addresses: ({ operation }) => ({ operation: `/operations/${operation}` }),
  },
  { page: '(panel)/account/profile', as: 'customer', addresses: at('profile', '/account/profile') },
  { page: '(panel)/account/security', as: 'customer', addresses: at('security', '/account/security') },
  { page: '(panel)/account/ssh-keys', as: 'customer', addresses: at('ssh-keys', '/account/ssh-keys') },
  { page: '(staff)/staff/hosts', as: 'staff', addresses: at('staff-hosts', '/staff/hosts') },
  { page: '(staff)/staff/operations', as: 'staff', addresses: at('staff-operations', '/staff/operations') },
];

/** Pages that nobody sees, and why. */
export const unseen: Record<string, string> = { '': 'leads on at once to where a person’s work is' };
