/** Whose keys: the account's, which are put into servers, or one's own, which open serial consoles over SSH. */
export type KeyKind = 'server' | 'own';
