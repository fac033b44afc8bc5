/** Two choices of the browser, read when a page is drawn. They hold nothing secret, so that the page may write them. */
export const localeCookie = 'tsubo-locale';
export const themeCookie = 'tsubo-theme';
export type Theme = 'system' | 'light' | 'dark';

export function writeChoice(name: typeof localeCookie | typeof themeCookie, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in browsers that we support
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
