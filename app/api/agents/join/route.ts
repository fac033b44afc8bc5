import { takeJoinRequest } from '../../../../server/hosts/join.ts';
import { app } from '../../../_lib/server/app.ts';
import { requestFacts } from '../../../_lib/server/request.ts';

const longestBody = 64 * 1024;

/**
 * A new host's agent sends its one-time token and certificate request here, and asks again until it is signed.
 * The token is the only proof; no session, no origin.
 */
export async function POST(request: Request): Promise<Response> {
  const { requestId } = requestFacts(request.headers);
  const { deps } = app();
  const log = deps.log.child({ requestId });
  const body = await readJson(request);
  if (body === undefined) return answer({ state: 'refused', why: 'the request is not JSON, or too long' }, 400);
  try {
    const said = await takeJoinRequest({ ...deps, log }, body);
    if (said.state === 'refused') log.warn({ why: said.why }, 'a host was refused');
    return answer(said, 200);
  } catch (err) {
    log.error({ err }, 'a join request failed');
    return answer({ state: 'failed', requestId }, 500);
  }
}

async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.length > longestBody) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function answer(body: object, status: number): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}
