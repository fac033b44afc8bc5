/** docs/states.md is the table of state.ts as people read it. `UPDATE_DOCS=1` writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { effectiveStates, serverActions } from './schema.ts';
import { type Decision, decisions } from './state.ts';

const path = new URL('../../docs/states.md', import.meta.url);
const words: Record<Exclude<Decision['do'], 'refuse'>, string> = {
  run: '✓',
  signal: '✓ tells the running one',
  supersede: '✓ takes over',
};

function page(): string {
  const row = (state: (typeof effectiveStates)[number]): string =>
    `| ${[`\`${state}\``, ...serverActions.map((action) => cell(decisions[state][action]))].join(' | ')} |`;
  return [
    '# States of a server',
    '',
    'Made from `server/servers/state.ts` by its test; do not edit (`UPDATE_DOCS=1 npx vitest run server/servers`).',
    '',
    'The state that people see is computed, in this order: deleted · the operation under way (a stuck one is',
    '`needs-attention`) · no body (`create-failed`) · a host silent for 60 s (`unknown`) · an attention mark · what the',
    'host last said. Off is `stopped-by-guest` where the guest powered itself off and nobody had asked.',
    '',
    `| state | ${serverActions.join(' | ')} |`,
    `|---|${serverActions.map(() => '---').join('|')}|`,
    ...effectiveStates.map(row),
    '',
    'Two refinements: **force off** is a signal to a stop or restart that still waits for the guest, and takes over',
    'otherwise. While an operation is **stuck**, only delete (of anything but a stuck delete) and force off (of',
    'anything but a stuck create or delete) take over; the rest is staff’s. Viewers and the billing role change nothing.',
    'Deletion protection, on unless the order says otherwise, refuses delete everywhere but at `create-failed`, where',
    'nothing is left to protect.',
    '',
  ].join('\n');
}

const cell = (decision: Decision): string => (decision.do === 'refuse' ? `– ${decision.reason}` : words[decision.do]);

test('docs/states.md is up to date', () => {
  if (process.env.UPDATE_DOCS) writeFileSync(path, page());
  expect(readFileSync(path, 'utf8')).toBe(page());
});
