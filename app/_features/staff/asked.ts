/** Which operations an address of the staff's page asks for. */

export type Asked = Partial<Record<'state' | 'server' | 'account' | 'id', string | string[]>>;
export type OperationsOf = { state?: 'stuck'; serverId?: string; accountId?: string; id?: string };

/** `only`: what they are of, where they are of one thing; `stuck`: those that wait for staff. */
export function readAsked(asked: Asked): {
  stuck: boolean;
  only: { what: 'server' | 'account' | 'id'; id: string } | null;
  of: OperationsOf;
} {
  if (asked.state === 'stuck') return { stuck: true, only: null, of: { state: 'stuck' } };
  for (const what of ['server', 'account', 'id'] as const) {
    const id = asked[what];
    if (typeof id === 'string' && id !== '' && id.length <= 100)
      return { stuck: false, only: { what, id }, of: { [what === 'id' ? 'id' : `${what}Id`]: id } };
  }
  return { stuck: false, only: null, of: {} };
}
