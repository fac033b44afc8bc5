/** What a click on a link of ours begins, and what may stand where its page will be. */

/** The path that this click leads to inside the panel; null where it leads elsewhere, opens another tab, or stays here. */
export function navigationTarget(
  event: Pick<MouseEvent, 'button' | 'metaKey' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'target'>,
  here: Pick<Location, 'origin' | 'pathname'>,
): string | null {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = (event.target as Element | null)?.closest?.('a[href]');
  if (!link || link.hasAttribute('download')) return null;
  const frame = link.getAttribute('target');
  if (frame !== null && frame !== '' && frame !== '_self') return null;
  const url = new URL(link.getAttribute('href') ?? '', `${here.origin}${here.pathname}`);
  return url.origin === here.origin && url.pathname !== here.pathname ? url.pathname : null;
}

const serverOf = (path: string): string | undefined => /^\/servers\/(?!new(?:\/|$))([^/]+)/.exec(path)?.[1];

/** Of what height the coming page will be. null: the frame around it stays, and its part is small. */
export function skeletonOf(from: string, to: string): 'list' | 'server' | 'page' | null {
  const server = serverOf(to);
  if (server !== undefined) return serverOf(from) === server ? null : 'server';
  return to === '/servers' ? 'list' : 'page';
}
