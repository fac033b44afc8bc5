/** What the one checker of "nothing left over" says of one server: the machine itself against the rows. */
import { violationsNow } from '../scripts/checker/check.ts';
import { stack } from './customer.ts';

export const leftoversOf = async (serverId: string): Promise<string[]> =>
  (await violationsNow(stack)).filter((sentence) => sentence.includes(serverId));
