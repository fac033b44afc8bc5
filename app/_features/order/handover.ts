/**
 * Carries the generated password from the order's answer to the new server's page. It lives in this tab's
 * memory only: never in a URL, never in storage. A reload forgets it, and the page says so. null: the order was
 * taken, but the answer with its password was lost.
 */
const passwords = new Map<string, string | null>();

export function handOver(serverId: string, password: string | null): void {
  if (password !== null || !passwords.has(serverId)) passwords.set(serverId, password);
}

/** undefined: nothing was ordered here. */
export function handedOver(serverId: string): string | null | undefined {
  return passwords.get(serverId);
}

export function forget(serverId: string): void {
  passwords.delete(serverId);
}
