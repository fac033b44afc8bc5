/** True if what a page shows holds an operation that has not ended. Looks where the server's answers have them. */
export function holdsRunningOperation(data: unknown): boolean {
  if (Array.isArray(data)) return data.some(holdsRunningOperation);
  if (typeof data !== 'object' || data === null) return false;
  if ('steps' in data && 'state' in data) return data.state === 'queued' || data.state === 'running';
  if ('operation' in data && holdsRunningOperation(data.operation)) return true;
  return 'items' in data && holdsRunningOperation(data.items);
}
