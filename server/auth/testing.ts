/** Knocking at the door as a browser does. */
import type { Auth } from './auth.ts';

export const origin = 'http://localhost:8080';
export const password = 'correct horse battery';

let people = 0;
export const newEmail = () => `person${++people}@example.com`;

export function visitor(auth: () => Auth) {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    auth().handler(
      new Request(`${origin}/api/auth${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, 'x-forwarded-for': '192.0.2.1', ...headers },
        body: JSON.stringify(body),
      }),
    );
  return {
    post,
    signUp: (email: string, change: object = {}) =>
      post('/sign-up/email', { name: '山田 太郎', email, password, ...change }),
    signIn: (email: string, given = password, headers = {}) =>
      post('/sign-in/email', { email, password: given }, headers),
  };
}

export const codeOf = async (response: Response): Promise<string> => (await response.json()).code;
export const cookieOf = (response: Response): string => response.headers.getSetCookie()[0] ?? '';
