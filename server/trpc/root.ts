/** All procedures under one root. */
import { accountRouter, sshKeysRouter, userKeysRouter } from '../accounts/router.ts';
import { catalogRouter } from '../catalog/router.ts';
import { consolesRouter } from '../consoles/router.ts';
import { eventsRouter } from '../events/router.ts';
import { staffRouter } from '../hosts/router.ts';
import { operationsRouter } from '../operations/router.ts';
import { serversRouter } from '../servers/router.ts';
import { createCallerFactory, router } from './init.ts';

export const appRouter = router({
  account: accountRouter,
  sshKeys: sshKeysRouter,
  userKeys: userKeysRouter,
  catalog: catalogRouter,
  servers: serversRouter,
  consoles: consolesRouter,
  operations: operationsRouter,
  staff: staffRouter,
  events: eventsRouter,
});

export type AppRouter = typeof appRouter;

/** Calls procedures without HTTP: `createCaller(context).servers.list()`. */
export const createCaller = createCallerFactory(appRouter);
