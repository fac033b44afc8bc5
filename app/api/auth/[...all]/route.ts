import { app } from '../../../_lib/server/app.ts';

/** Sign-up, sign-in, sign-out: better-auth's own endpoints. */
function handler(request: Request): Promise<Response> {
  return app().auth.handler(request);
}

export { handler as GET, handler as POST };
