import { databaseAnswers } from '../../server/health.ts';
import { app } from '../_lib/server/app.ts';

/** 200 while this process can do its work: it runs, and its database answers. */
export async function GET(): Promise<Response> {
  const ok = await databaseAnswers(app().deps);
  return Response.json({ ok }, { status: ok ? 200 : 503, headers: { 'cache-control': 'no-store' } });
}
