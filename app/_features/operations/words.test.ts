/** Every state, reason, step and failure that the server may send has its words. The other language: messages' own test. */
import { describe, expect, it } from 'vitest';
import {
  effectiveStates,
  operationKinds,
  operationState,
  reasonCodes,
  serverActions,
  stepNames,
  stepView,
} from '../../../server/servers/schema.ts';
import { messages } from '../../_lib/i18n/messages.ts';
import { causeOf } from './failureFacts.ts';

const { servers, operations } = messages.ja;

describe('words for what the server sends', () => {
  it('states', () => {
    expect(Object.keys(servers.state).sort()).toEqual([...effectiveStates].sort());
    expect(Object.keys(operations.failure.now).sort()).toEqual([...effectiveStates].sort());
    expect(Object.keys(operations.state).sort()).toEqual([...operationState.options].sort());
    expect(Object.keys(operations.stepState).sort()).toEqual([...stepView.shape.state.options].sort());
  });

  it('reasons and actions', () => {
    expect(Object.keys(servers.reason).sort()).toEqual([...reasonCodes].sort());
    for (const action of serverActions) expect(Object.keys(servers.action)).toContain(action);
  });

  it('kinds, steps, and the five parts of a failure of each kind', () => {
    expect(Object.keys(operations.step).sort()).toEqual([...stepNames, 'unknown'].sort());
    for (const part of [
      operations.kind,
      operations.done,
      operations.failure.title,
      operations.failure.stuck,
      operations.failure.touched,
    ])
      expect(Object.keys(part).sort()).toEqual([...operationKinds].sort());
  });

  it('causes: those known by name, any other by the general sentence', () => {
    for (const code of Object.keys(operations.failure.cause)) expect(causeOf(code)).toBe(code);
    expect(causeOf('SOMETHING_NEW')).toBe('OTHER');
    expect(causeOf(undefined)).toBe('OTHER');
  });
});
