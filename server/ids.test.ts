import { describe, expect, it } from 'vitest';
import { errorId, newId, serverId } from './ids.ts';

describe('ids', () => {
  it('have their forms', () => {
    expect(serverId()).toMatch(/^[a-z2-7]{10}$/);
    expect(newId('vol')).toMatch(/^vol_[a-z2-7]{16}$/);
    expect(errorId()).toMatch(/^E-[A-Z2-7]{6}$/);
  });

  it('use every letter equally', () => {
    // All 256 bytes in turn: each of the 32 letters exactly 8 times.
    let byte = 0;
    const counting = (count: number) => Uint8Array.from({ length: count }, () => byte++ % 256);
    const letters = Array.from({ length: 16 }, () => newId('op', counting).slice(3)).join('');
    const counts = new Map<string, number>();
    for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array(32).fill(8));
  });
});
