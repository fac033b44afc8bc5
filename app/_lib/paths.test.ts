import { describe, expect, it } from 'vitest';
import { afterLogin, loginFrom, paths } from './paths.ts';

describe('the way back after signing in', () => {
  it('keeps a page of ours with its query', () => {
    expect(afterLogin('/servers/k3f9aaaaaa?do=delete')).toBe('/servers/k3f9aaaaaa?do=delete');
    expect(loginFrom('/servers/k3f9aaaaaa?do=delete')).toBe('/login?next=%2Fservers%2Fk3f9aaaaaa%3Fdo%3Ddelete');
  });
  it('never leads elsewhere', () => {
    for (const bad of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '\\/evil.example',
      'servers',
      '',
      null,
    ]) {
      expect(afterLogin(bad), String(bad)).toBe('/');
    }
    expect(afterLogin('/api/auth/sign-out')).toBe(paths.home);
    expect(afterLogin('/\t/evil.example')).toBe(paths.home);
  });
});
