/**
 * In front of every page: the content security policy with a nonce of this answer, and the way to the sign-in page
 * for who has no session cookie. The cookie is only looked at here; whether it is worth anything the pages ask, which
 * are therefore told their own address.
 */
import { type NextRequest, NextResponse } from 'next/server';
import { loginFrom, pageHeader, paths } from './app/_lib/paths.ts';
import { contentSecurityPolicy } from './app/_lib/server/csp.ts';

const open = new Set<string>([paths.login, paths.signup]);
const sessionCookies = ['tsubo.session_token', '__Secure-tsubo.session_token'];

export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  if (!open.has(pathname) && !sessionCookies.some((name) => request.cookies.has(name))) {
    return NextResponse.redirect(new URL(loginFrom(`${pathname}${search}`), request.nextUrl));
  }

  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))));
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === 'development');
  const headers = new Headers(request.headers);
  // Next takes the nonce for its own scripts from this header.
  headers.set('content-security-policy', policy);
  headers.set(pageHeader, `${pathname}${search}`);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

export const config = {
  // Not the API (it answers with codes of its own), not files. A prefetch brings no scripts.
  matcher: [
    {
      source: '/((?!api/|healthz|_next/static|_next/image|favicon.ico|icon).*)',
      missing: [{ type: 'header', key: 'next-router-prefetch' }],
    },
  ],
};
