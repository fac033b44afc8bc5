import { membershipsOf } from '../../../../../server/accounts/account.ts';
import { lastScreen } from '../../../../../server/consoles/screen.ts';
import { PublicError } from '../../../../../server/errors.ts';
import { app } from '../../../../_lib/server/app.ts';

/** The last picture of a server's screen, for members of its account; for everybody else there is none. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { auth, deps } = app();
  const session = await auth.sessionOf(request.headers);
  if (session === null) return refused(401, 'UNAUTHENTICATED');
  const { id } = await params;
  const [membership] = await membershipsOf(deps, session.user.id);
  if (membership === undefined) return refused(404, 'NOT_FOUND');
  try {
    const png = await lastScreen(deps.db, membership.accountId, id);
    if (png === null) return refused(404, 'NOT_FOUND');
    return new Response(new Uint8Array(png), { headers: { 'content-type': 'image/png', ...headers } });
  } catch (error) {
    if (error instanceof PublicError && error.code === 'NOT_FOUND') return refused(404, 'NOT_FOUND');
    throw error;
  }
}

/** One person's, and of a moment. Nothing in it may run. */
const headers = { 'cache-control': 'private, no-store', 'content-security-policy': "default-src 'none'; sandbox" };

function refused(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { 'cache-control': 'private, no-store' } });
}
