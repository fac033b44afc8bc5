/**
 * Carries the generated password from the order's answer to the new server's page. It lives in this tab's
 * memory only: never in a URL, never in storage. A reload forgets it, and the page says so.
 */
const passwords = new Map<string, string>();

export function handOver(serverId: string, password: string): void {
  passwords.set(serverId, password);
}

export function handedOver(serverId: string): string | null {
  return passwords.get(serverId) ?? null;
}

export function forget(serverId: string): void {
  passwords.delete(serverId);
}
