import type { Definition } from './definition.ts';
import { ask, confirmOff, cutIfAsked, putIntentBack } from './power-steps.ts';
import { wait } from './wait-step.ts';

/** ACPI, then waiting. A guest that does not answer keeps running, and the customer is offered to cut the power. */
export const stop: Definition = {
  kind: 'stop',
  workflow: 'stop-1',
  locks: { power: true, disk: false, config: true },
  steps: [ask, wait, cutIfAsked, confirmOff],
  onFailure: async (tx, operation, code) => {
    await putIntentBack(tx, operation, 'running');
    if (code === 'GUEST_IGNORED')
      await tx.operation.update({ where: { id: operation.id }, data: { result: { guestIgnored: true } } });
  },
};
