import { expect, test } from 'vitest';
import { inFreshKernel } from './testing-kernel.ts';

test("loose taps of servers on record are put back, isolated; others' are left, and what fails is said", async () => {
  const { first, again, failed, ports } = await inFreshKernel<Record<string, unknown>>(`
    const servers = new Set(['abcdefghij', 'bbbbbbbbbb']);
    await ip('link add guests type bridge');
    for (const name of ['vabcdefghij-0', 'vabcdefghij-1', 'vstrangers2-0'])
      await ip('link add ' + name + ' type veth peer name p' + name.slice(2));
    const first = await restoreTaps(exec, 'guests', servers);
    const again = await restoreTaps(exec, 'guests', servers);
    await ip('link set dev vabcdefghij-1 nomaster');
    answer({
      first, again,
      failed: await restoreTaps(exec, 'nowhere', servers),
      ports: (await exec('bridge', ['-d', 'link', 'show'])).stdout,
    });
  `);
  expect(first).toEqual({ restored: ['vabcdefghij-0', 'vabcdefghij-1'], failed: [] });
  expect(again).toEqual({ restored: [], failed: [] });
  expect(failed).toEqual({ restored: [], failed: ['vabcdefghij-1'] });
  expect(ports).toMatch(/vabcdefghij-0@\S+ .* master guests .*[\s\S]*isolated on/);
  expect(ports).not.toContain('vstrangers2-0');
});
