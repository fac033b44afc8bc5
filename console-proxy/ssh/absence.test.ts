import { expect, test } from 'vitest';
import { AgentError } from '../../compute-agent/contract/errors.ts';
import { Absence } from './absence.ts';

const away = new AgentError('HYPERVISOR_AWAY', 'x');
const young = new AgentError('NO_SUCH_DOMAIN', 'x');

test('a host that is away is asked again at growing distances, named once, and given up after ten minutes', () => {
  const absence = new Absence();
  const at = (now: number) => absence.next({ ended: away, livedMs: 0, now });
  expect([at(0), at(1_000), at(3_000), at(6_000), at(11_000)]).toEqual([
    { is: 'wait', ms: 1_000, say: 'hostAway' },
    { is: 'wait', ms: 2_000, say: null },
    { is: 'wait', ms: 3_000, say: null },
    { is: 'wait', ms: 5_000, say: null },
    { is: 'wait', ms: 5_000, say: null },
  ]);
  expect(at(599_999)).toMatchObject({ is: 'wait' });
  expect(at(600_000)).toEqual({ is: 'gaveUp' });
});

test('a stream that opens and ends at once is no return; one that lived is', () => {
  const absence = new Absence();
  absence.next({ ended: away, livedMs: 0, now: 0 });
  expect(absence.over()).toBe(true);
  expect(absence.over()).toBe(false);
  expect(absence.next({ ended: 'ended', livedMs: 100, now: 600_000 })).toEqual({ is: 'gaveUp' });
  expect(absence.next({ ended: 'ended', livedMs: 60_000, now: 700_000 })).toEqual({
    ...{ is: 'wait', ms: 1_000, say: 'hostAway' },
  });
});

test('a server that is being made is waited for without an end; what will not change is a failure', () => {
  const absence = new Absence();
  expect(absence.next({ ended: young, livedMs: 0, now: 0 })).toMatchObject({ say: 'noBody' });
  expect(absence.next({ ended: young, livedMs: 0, now: 3_600_000 })).toMatchObject({ is: 'wait', say: null });
  expect(absence.next({ ended: new AgentError('FORBIDDEN', 'x'), livedMs: 0, now: 0 })).toEqual({ is: 'failed' });
  expect(absence.next({ ended: new Error('no frame'), livedMs: 0, now: 0 })).toEqual({ is: 'failed' });
});
