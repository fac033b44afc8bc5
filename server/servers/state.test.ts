import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AttentionReason, type EffectiveState, effectiveStates, operationKinds, serverActions } from './schema.ts';
import { attentionOf, canDo, decide, effectiveState, type ServerFacts } from './state.ts';

const now = new Date('2026-11-24T12:00:00Z');
const fresh = new Date(now.getTime() - 5_000);
const old = new Date(now.getTime() - 61_000);

const facts = (over: Partial<ServerFacts> = {}): ServerFacts => ({
  intended: 'running',
  intendedDeleted: false,
  deletedAt: null,
  needsAttention: null,
  deleteProtection: false,
  placement: { observed: 'running', reason: 'booted', hostContactAt: fresh },
  operation: null,
  ...over,
});

const operation = fc.record({
  kind: fc.constantFrom(...operationKinds),
  state: fc.constantFrom('queued' as const, 'running' as const, 'stuck' as const),
  takesForceSignal: fc.boolean(),
});
const anyFacts: fc.Arbitrary<ServerFacts> = fc.record({
  intended: fc.constantFrom('running' as const, 'stopped' as const),
  intendedDeleted: fc.boolean(),
  deletedAt: fc.option(fc.constant(old)),
  needsAttention: fc.option(fc.constantFrom('crash-loop', 'start-failed', 'of a newer version')),
  deleteProtection: fc.boolean(),
  placement: fc.option(
    fc.record({
      observed: fc.constantFrom('unknown', 'absent', 'off', 'running', 'paused', 'crashed'),
      reason: fc.constantFrom('booted', 'guest-shutdown', 'destroyed', 'crashed', 'failed-start', 'host-boot', 'none'),
      hostContactAt: fc.option(fc.constantFrom(fresh, old)),
    }),
  ),
  operation: fc.option(operation),
});

describe('effective state', () => {
  const off = (reason: string, intended: 'running' | 'stopped') =>
    facts({ intended, placement: { observed: 'off', reason, hostContactAt: fresh } });
  test.each<[string, ServerFacts, EffectiveState]>([
    ['running', facts(), 'running'],
    ['the guest powered itself off', off('guest-shutdown', 'running'), 'stopped-by-guest'],
    ['off after our ACPI request', off('guest-shutdown', 'stopped'), 'stopped'],
    ['cut', off('destroyed', 'stopped'), 'stopped'],
    [
      'paused after an emulation failure',
      facts({ placement: { observed: 'paused', reason: 'failed-start', hostContactAt: fresh } }),
      'needs-attention',
    ],
    [
      'the body is gone',
      facts({ placement: { observed: 'absent', reason: 'none', hostContactAt: fresh } }),
      'needs-attention',
    ],
    ['a silent host', facts({ placement: { observed: 'running', reason: 'booted', hostContactAt: old } }), 'unknown'],
    ['a host never seen', facts({ placement: { observed: 'off', reason: 'none', hostContactAt: null } }), 'unknown'],
    ['crash loop', facts({ needsAttention: 'crash-loop' }), 'needs-attention'],
    ['create undone', facts({ placement: null }), 'create-failed'],
    ['stuck', facts({ operation: { kind: 'stop', state: 'stuck', takesForceSignal: false } }), 'needs-attention'],
    ['deleted', facts({ deletedAt: old, operation: null }), 'deleted'],
  ])('%s', (_, given, expected) => expect(effectiveState(given, now)).toBe(expected));

  test('a running operation names the state, whatever was observed', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...operationKinds), (given, kind) => {
        const state = effectiveState(
          { ...given, deletedAt: null, operation: { kind, state: 'running', takesForceSignal: false } },
          now,
        );
        expect(['creating', 'starting', 'shutting-down', 'restarting', 'forcing-off', 'deleting']).toContain(state);
      }),
    );
  });

  test('silence never becomes stopped', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const silent = { ...given, placement: given.placement && { ...given.placement, hostContactAt: old } };
        expect(['stopped', 'stopped-by-guest', 'running']).not.toContain(effectiveState(silent, now));
      }),
    );
  });
});

describe('why a person must look', () => {
  const seen = (observed: 'absent' | 'crashed' | 'paused' | 'off', reason = 'none') => ({
    placement: { observed, reason, hostContactAt: fresh },
  });
  test.each<[string, Partial<ServerFacts>, AttentionReason | null]>([
    ['nothing', {}, null],
    ['stuck', { operation: { kind: 'stop', state: 'stuck', takesForceSignal: false } }, 'stuck'],
    ['crash loop', { needsAttention: 'crash-loop', ...seen('off', 'crashed') }, 'crash-loop'],
    ['a boot after which it did not start', { needsAttention: 'start-failed', ...seen('off') }, 'start-failed'],
    ['paused after an emulation failure', seen('paused', 'failed-start'), 'start-failed'],
    ['the body is gone', seen('absent'), 'absent'],
    ['marked, and then its body went', { needsAttention: 'start-failed', ...seen('absent') }, 'absent'],
    ['crashed and kept', seen('crashed', 'crashed'), 'crashed'],
    ['paused by its host', seen('paused'), 'paused'],
    ['a mark that is not known here', { needsAttention: 'disk-failing' }, 'other'],
    ['off, as was wished', { intended: 'stopped', ...seen('off', 'destroyed') }, null],
  ])('%s', (_, given, expected) => expect(attentionOf(facts(given), now)).toBe(expected));

  test('is said exactly where the state is "needs attention"', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        expect(attentionOf(given, now) !== null).toBe(effectiveState(given, now) === 'needs-attention');
      }),
    );
  });
});

describe('what may be done', () => {
  test('every combination has an answer, and only known states', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...serverActions), (given, action) => {
        expect(effectiveStates).toContain(effectiveState(given, now));
        expect(decide(action, given, now).do).toMatch(/^(run|signal|supersede|refuse)$/);
      }),
    );
  });

  test('can says yes exactly where a request would be taken', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...serverActions), (given, action) => {
        expect(canDo(action, given, 'owner', now).ok).toBe(decide(action, given, now).do !== 'refuse');
      }),
    );
  });

  test('only delete and force off take over, and a plain run never meets a lock', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...serverActions), (given, action) => {
        const decision = decide(action, given, now);
        if (decision.do === 'supersede' || decision.do === 'signal') {
          expect(['delete', 'force-off']).toContain(action);
          expect(given.operation).not.toBeNull();
        }
        const isSetting = action === 'rename' || action === 'protect';
        if (decision.do === 'run' && !isSetting) expect(given.operation).toBeNull();
      }),
    );
  });

  test('nothing is done to what is deleted or being deleted', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...serverActions), (given, action) => {
        const gone = { ...given, deletedAt: old };
        expect(decide(action, gone, now)).toEqual({ do: 'refuse', reason: 'deleted' });
        const going = {
          ...given,
          deletedAt: null,
          operation: { kind: 'delete' as const, state: 'running' as const, takesForceSignal: false },
        };
        expect(decide(action, going, now)).toEqual({ do: 'refuse', reason: 'being-deleted' });
      }),
    );
  });

  test('viewers and the billing role change nothing', () => {
    fc.assert(
      fc.property(
        anyFacts,
        fc.constantFrom(...serverActions),
        fc.constantFrom('viewer' as const, 'billing' as const),
        (given, action, role) => {
          expect(canDo(action, given, role, now)).toEqual({ ok: false, reason: 'role', params: { role } });
        },
      ),
    );
  });

  test('force off during a stop is a signal while it waits for the guest, and takes over afterwards', () => {
    const stop = (takesForceSignal: boolean) =>
      facts({ operation: { kind: 'stop', state: 'running', takesForceSignal } });
    expect(decide('force-off', stop(true), now)).toEqual({ do: 'signal' });
    expect(decide('force-off', stop(false), now)).toEqual({ do: 'supersede' });
  });

  test('deletion protection', () => {
    expect(decide('delete', facts({ deleteProtection: true }), now)).toEqual({ do: 'refuse', reason: 'protected' });
    // What was never made holds nothing that could be lost.
    expect(decide('delete', facts({ deleteProtection: true, placement: null }), now)).toEqual({ do: 'run' });
    // And it can be lifted wherever it is what refuses.
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decide('delete', { ...given, deleteProtection: true }, now);
        if (decision.do === 'refuse' && decision.reason === 'protected')
          expect(decide('protect', given, now)).toEqual({ do: 'run' });
      }),
    );
  });

  test("a stuck create can be given back, a stuck delete is staff's", () => {
    const stuck = (kind: 'create' | 'delete') =>
      facts({ operation: { kind, state: 'stuck', takesForceSignal: false } });
    expect(decide('delete', stuck('create'), now)).toEqual({ do: 'supersede' });
    expect(decide('force-off', stuck('create'), now)).toEqual({ do: 'refuse', reason: 'needs-attention' });
    expect(decide('delete', stuck('delete'), now)).toEqual({ do: 'refuse', reason: 'being-deleted' });
  });
});
