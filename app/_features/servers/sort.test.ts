import { describe, expect, it } from 'vitest';
import { sortServers } from './sort.ts';

const server = (name: string, state: 'running' | 'needs-attention' = 'running') => ({ name, state, operation: null });

describe('order of the list of servers', () => {
  it('reads numbers in names as numbers', () => {
    const sorted = sortServers([server('web-10'), server('web-2'), server('db-1')]);
    expect(sorted.map((s) => s.name)).toEqual(['db-1', 'web-2', 'web-10']);
  });

  it('puts what needs somebody first', () => {
    const sorted = sortServers([server('a'), server('z', 'needs-attention')]);
    expect(sorted.map((s) => s.name)).toEqual(['z', 'a']);
  });
});
