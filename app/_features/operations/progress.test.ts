import { describe, expect, it } from 'vitest';
import { currentStep, isSlow, secondsTaken } from './progress.ts';

type State = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
const steps = (...states: State[]) =>
  states.map((state, i) => ({ name: `s${i}`, state, startedAt: null, endedAt: null }));

describe('where an operation stands', () => {
  it('is the running step, counted among the needed ones', () => {
    expect(currentStep(steps('done', 'skipped', 'running', 'waiting'))).toMatchObject({ n: 2, total: 3 });
  });

  it('is the step at which it failed', () => {
    expect(currentStep(steps('done', 'failed', 'waiting'))).toMatchObject({ n: 2, step: { state: 'failed' } });
  });

  it('is the next one between two steps', () => {
    expect(currentStep(steps('done', 'waiting'))).toMatchObject({ n: 2, total: 2 });
  });

  it('is nowhere before the first step and after the last', () => {
    expect(currentStep([])).toBeNull();
    expect(currentStep(steps('done', 'done'))).toBeNull();
  });
});

describe('time', () => {
  const createdAt = '2026-11-24T10:00:00.000Z';
  const at = (seconds: number) => Date.parse(createdAt) + seconds * 1000;

  it('is slow only beyond twice the usual, and never without a usual time', () => {
    expect(isSlow({ createdAt, usualSeconds: 30 }, at(60))).toBe(false);
    expect(isSlow({ createdAt, usualSeconds: 30 }, at(61))).toBe(true);
    expect(isSlow({ createdAt, usualSeconds: null }, at(9999))).toBe(false);
  });

  it('took what lies between request and end', () => {
    expect(secondsTaken({ createdAt, endedAt: '2026-11-24T10:00:52.000Z' })).toBe(52);
    expect(secondsTaken({ createdAt, endedAt: null })).toBeNull();
  });
});
