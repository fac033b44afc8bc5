'use client';

/**
 * The browser's side of signing in. Three calls to better-auth's own endpoints, without its client library:
 * it would be the largest script on the sign-in page.
 */
export type AuthOutcome =
  | { ok: true }
  | { ok: false; reason: 'wrong-pair' | 'email-taken' | 'failed' }
  | { ok: false; reason: 'too-many'; minutes: number }
  | {
      ok: false;
      reason: 'fields';
      fields: Record<string, 'too-short' | 'too-long' | 'email-format' | 'password-known-weak'>;
    };

export function signIn(input: { email: string; password: string }): Promise<AuthOutcome> {
  return post('/api/auth/sign-in/email', input);
}

export function signUp(input: { name: string; email: string; password: string; locale: string }): Promise<AuthOutcome> {
  return post('/api/auth/sign-up/email', input);
}

export async function signOut(): Promise<void> {
  await post('/api/auth/sign-out', {});
}

async function post(url: string, body: unknown): Promise<AuthOutcome> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    return { ok: false, reason: 'failed' };
  }
  if (response.ok) return { ok: true };
  const code = await errorCode(response);
  if (response.status === 429) {
    const seconds = Number(response.headers.get('x-retry-after') ?? response.headers.get('retry-after') ?? 60);
    return { ok: false, reason: 'too-many', minutes: Math.max(1, Math.ceil(seconds / 60)) };
  }
  switch (code) {
    case 'INVALID_EMAIL_OR_PASSWORD':
      return { ok: false, reason: 'wrong-pair' };
    case 'USER_ALREADY_EXISTS':
    case 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL':
      return { ok: false, reason: 'email-taken' };
    case 'INVALID_EMAIL':
      return { ok: false, reason: 'fields', fields: { email: 'email-format' } };
    case 'PASSWORD_TOO_SHORT':
      return { ok: false, reason: 'fields', fields: { password: 'too-short' } };
    case 'PASSWORD_TOO_LONG':
      return { ok: false, reason: 'fields', fields: { password: 'too-long' } };
    case 'PASSWORD_KNOWN_WEAK':
      return { ok: false, reason: 'fields', fields: { password: 'password-known-weak' } };
    default:
      return { ok: false, reason: 'failed' };
  }
}

async function errorCode(response: Response): Promise<string | undefined> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : undefined;
  } catch {
    return undefined;
  }
}
