/**
 * The keys that make a repeated click the same request (server/operations/request.ts). A click that got no answer
 * may have been heard: sent again with the key of the first time, it is answered with the operation that it made.
 *
 * A key holds for one act with one content, and only as long as the server is as it was when the buttons were
 * drawn: once anything has happened to it, the same button means a new act, which an old key would swallow.
 */
import type { ServerView } from '../../../server/servers/schema.ts';

/** Differs whenever a new act may have become meaningful. */
export function momentOf({ state, since, operation }: Pick<ServerView, 'state' | 'since' | 'operation'>): string {
  return JSON.stringify([state, since, operation?.id, operation?.state]);
}

/** @param newKey makes a UUID; called once per moment, act and content */
export function createClientKeys(newKey: () => string): (moment: string, act: string, content?: string) => string {
  let current = '';
  const keys = new Map<string, string>();
  return (moment, act, content = '') => {
    if (moment !== current) {
      current = moment;
      keys.clear();
    }
    const name = JSON.stringify([act, content]);
    const key = keys.get(name) ?? newKey();
    keys.set(name, key);
    return key;
  };
}
