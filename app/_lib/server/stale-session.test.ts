/** A cookie whose session is over: the proxy lets it pass, the page finds out, and must still know which page it is. */
import { TRPCError } from '@trpc/server';
import { NextRequest } from 'next/server';
import { expect, it, vi } from 'vitest';
import { proxy } from '../../../proxy.ts';
import { afterLogin } from '../paths.ts';
import { load } from '../trpc/server.tsx';

const sent = vi.hoisted(() => ({ headers: new Headers() }));
vi.mock('next/headers', () => ({ headers: async () => sent.headers }));

const marker = 'x-middleware-request-';

/** Where a page is sent to whose reading finds nobody signed in. */
async function sentTo(path: string): Promise<string> {
  const request = new NextRequest(`http://localhost:8080${path}`, { headers: { cookie: 'tsubo.session_token=old' } });
  const passed = [...proxy(request).headers].filter(([name]) => name.startsWith(marker));
  sent.headers = new Headers(passed.map(([name, value]) => [name.slice(marker.length), value]));
  const refused = () => Promise.reject(new TRPCError({ code: 'UNAUTHORIZED' }));
  const error = await load({ queryKey: [path], queryFn: refused }).catch((cause: { digest?: string }) => cause);
  return String((error as { digest?: string }).digest).split(';')[2] ?? '';
}

it.each(['/servers/k3f9aaaaaa', '/staff/operations?state=stuck', '/servers/new/confirm?a=%26&b=%E5%A3%BA'])(
  'signing in leads back to %s',
  async (path) => {
    const login = new URL(await sentTo(path), 'http://localhost:8080');
    expect(login.pathname).toBe('/login');
    expect(afterLogin(login.searchParams.get('next'))).toBe(path);
  },
);

it('from the first page the address stays plain', async () => {
  expect(await sentTo('/servers')).toBe('/login');
});

it('what a browser says of the page itself is not taken', async () => {
  const request = new NextRequest('http://localhost:8080/servers/a', {
    headers: { cookie: 'tsubo.session_token=old', 'x-tsubo-page': '/staff/hosts' },
  });
  expect(proxy(request).headers.get(`${marker}x-tsubo-page`)).toBe('/servers/a');
});
