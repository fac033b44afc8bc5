import { expect, it } from 'vitest';
import { navigationTarget, skeletonOf } from './navigation.ts';

const here = { origin: 'https://panel.example', pathname: '/servers' };
function clickOn(attributes: Record<string, string> | null, more: Partial<MouseEvent> = {}) {
  const link = attributes && {
    hasAttribute: (name: string) => name in attributes,
    getAttribute: (name: string) => attributes[name] ?? null,
  };
  return {
    ...{ button: 0, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false },
    target: { closest: () => link } as unknown as EventTarget,
    ...more,
  };
}

it('is the path of a plain click on a link of the panel', () => {
  expect(navigationTarget(clickOn({ href: '/servers/abc' }), here)).toBe('/servers/abc');
  expect(navigationTarget(clickOn({ href: 'https://panel.example/account/profile?x=1' }), here)).toBe(
    '/account/profile',
  );
});

it('is none where the page stays, or the browser does something else', () => {
  for (const click of [
    clickOn(null),
    clickOn({ href: '/servers?do=stop' }),
    clickOn({ href: '#content' }),
    clickOn({ href: 'https://elsewhere.example/servers/abc' }),
    clickOn({ href: '/file', download: '' }),
    clickOn({ href: '/servers/abc', target: '_blank' }),
    clickOn({ href: '/servers/abc' }, { ctrlKey: true }),
    clickOn({ href: '/servers/abc' }, { metaKey: true }),
    clickOn({ href: '/servers/abc' }, { button: 1 }),
  ])
    expect(navigationTarget(click, here)).toBeNull();
});

it('shows the outline of what comes, and none from tab to tab', () => {
  expect(skeletonOf('/account/profile', '/servers')).toBe('list');
  expect(skeletonOf('/servers', '/servers/abc')).toBe('server');
  expect(skeletonOf('/servers/abc', '/servers/xyz/history')).toBe('server');
  expect(skeletonOf('/servers/abc', '/servers/abc/history')).toBeNull();
  expect(skeletonOf('/servers', '/servers/new')).toBe('page');
  expect(skeletonOf('/servers', '/operations/op_1')).toBe('page');
});
