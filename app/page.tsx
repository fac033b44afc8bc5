import { redirect } from 'next/navigation';
import { paths } from './_lib/paths.ts';
import { requireMe } from './_lib/server/me.ts';

/** Where a person's work is: staff may have no account of their own. */
export default async function Home() {
  redirect((await requireMe()).account === null ? paths.staffHosts : paths.servers);
}
