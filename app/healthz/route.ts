import { databaseAnswers } from '../../server/health.ts';
import { app } from '../_lib/server/app.ts';

/** 200 while this process can do its work: it runs, and its database answers. With the release, null when not built. */
export async function GET(): Promise<Response> {
  const ok = await databaseAnswers(app().deps);
  return Response.json(
    { ok, release: process.env.TSUBO_RELEASE ?? null },
    { status: ok ? 200 : 503, headers: { 'cache-control': 'no-store' } },
  );
}
