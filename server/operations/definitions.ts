import type { OperationKind } from '../generated/prisma/enums.ts';
import { create } from './create.ts';
import type { Definition } from './definition.ts';
import { deleteServer } from './delete.ts';
import { forceOff } from './force-off.ts';
import { restart } from './restart.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';

/** What is begun today. A list of steps that was changed stays in worker's registry until it has drained. */
export const definitions: Record<OperationKind, Definition> = {
  create,
  start,
  stop,
  restart,
  force_off: forceOff,
  delete: deleteServer,
};
