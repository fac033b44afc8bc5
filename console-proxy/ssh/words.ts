/** What the door says, in the language of who came. The words are the panel's (app/_lib/messages). */
import type { ConsoleEnding } from '../contract/messages.ts';

const tokyo = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' });
const timeOf = ({ at }: ConsoleEnding): string => tokyo.format(new Date(at));
const minutes = (ms: number): number => Math.max(1, Math.round(ms / 60_000));

const state = {
  ja: { running: '稼働中', off: '停止', other: '確認できません' },
  en: { running: 'running', off: 'stopped', other: 'unknown' },
} as const;
const stateKey = (observed: string) => (observed === 'running' || observed === 'off' ? observed : 'other');

const ja = {
  state: (observed: string): string => state.ja[stateKey(observed)],
  menuTitle: 'シリアルコンソールを開くサーバー',
  menuEmpty: '開けるサーバーがありません。サーバーを申し込むと、ここに表示されます。',
  menuPrompt: '番号か名前を入力して Enter（終了は Ctrl+D）：',
  menuUnknown: (typed: string) => `「${typed}」は一覧にありません。`,
  menuSeveral: (typed: string) => `「${typed}」は複数あります。番号で選んでください。`,
  hello: (name: string, observed: string) =>
    `${name}（${state.ja[stateKey(observed)]}）のシリアルコンソール。切断は、改行に続けて「~.」`,
  size: (rows: number, cols: number) => `画面の大きさをサーバーに知らせるには：stty rows ${rows} cols ${cols}`,
  live: 'ここから現在の出力',
  again: '接続し直しました。',
  viewOnly: '閲覧のみです。入力は送られません。',
  otherTypes: (who: string) => `${who} さんが入力しています。ここからの入力は送られません。Ctrl+] で引き継ぎます。`,
  youType: 'ここから入力できます。',
  notRunning: 'サーバーは停止しています。起動すると、続けて表示します。',
  runs: 'サーバーが稼働しています。',
  silent: 'サーバーの出力を記録できません。サーバーを再起動すると直ります。',
  gap: (bytes: number | null) =>
    bytes === null ? 'ここで出力が抜けています。' : `ここで出力が ${bytes} バイト抜けています。`,
  behind: (bytes: number | null) =>
    bytes === null
      ? '表示が追いつかないため、先へ進みました。'
      : `表示が追いつかないため、${bytes} バイト先へ進みました。`,
  noBody: 'サーバーを作成しています。できあがると表示します。',
  hostAway: '接続が切れました。接続し直しています。',
  gaveUp: '接続し直せませんでした。しばらくしてからお試しください。',
  idleSoon: (ms: number) => `${minutes(ms)}分後に切断します。何かキーを押すと続けられます。`,
  idle: (ms: number) => `${minutes(ms)}分のあいだ入力がなかったため、切断しました。`,
  ended: (ending: ConsoleEnding) =>
    ending.byStaff
      ? `サポートが ${timeOf(ending)} にこの接続を終了しました。理由：${ending.reason ?? ''}`
      : `${ending.name === null ? '別の人' : `${ending.name}さん`}が ${timeOf(ending)} にこの接続を終了しました。`,
  keyGone: '接続に使った鍵が削除されたため、切断しました。',
  permissionGone: 'このサーバーを操作する権限がなくなったため、切断しました。',
  deleted: 'サーバーが削除されたため、切断しました。',
  tooMany: 'この契約者が同時に開けるコンソールは5つまでです。ほかのコンソールを閉じてからお試しください。',
  restarting: 'Tsubo を更新しています。少し待ってから、もう一度接続してください。',
  database: 'いま接続できません。少し待ってから、もう一度お試しください。',
  failed: (id: string) => `接続できませんでした。サポートには番号 ${id} をお伝えください。`,
  noCommands: 'ここで使えるのはシリアルコンソールだけです。コマンドの実行、ファイルの転送はできません。',
};

const en: typeof ja = {
  state: (observed) => state.en[stateKey(observed)],
  menuTitle: 'Servers whose serial console you can open',
  menuEmpty: "There's no server to open. Order one and it appears here.",
  menuPrompt: 'Type a number or a name and Enter (Ctrl+D to leave): ',
  menuUnknown: (typed) => `"${typed}" is not in the list.`,
  menuSeveral: (typed) => `There is more than one "${typed}". Choose by number.`,
  hello: (name, observed) =>
    `Serial console of ${name} (${state.en[stateKey(observed)]}). To disconnect type ~. after a new line`,
  size: (rows, cols) => `To tell the server the size of this window: stty rows ${rows} cols ${cols}`,
  live: 'live from here',
  again: 'Connected again.',
  viewOnly: 'View only: what you type is not sent.',
  otherTypes: (who) => `${who} is typing. What you type here is not sent. Ctrl+] takes over.`,
  youType: 'You can type now.',
  notRunning: 'The server is stopped. It goes on here when it starts.',
  runs: 'The server is running.',
  silent: "The server's output can't be recorded. Restarting the server mends it.",
  gap: (bytes) => (bytes === null ? 'Output is missing here.' : `${bytes} bytes of output are missing here.`),
  behind: (bytes) =>
    bytes === null
      ? "The display couldn't keep up and moved ahead."
      : `The display couldn't keep up: moved ahead by ${bytes} bytes.`,
  noBody: 'The server is being created. It is shown when it is there.',
  hostAway: 'The connection was lost. Connecting again.',
  gaveUp: "We couldn't connect again. Try later.",
  idleSoon: (ms) => `Disconnecting in ${minutes(ms)} min. Press any key to stay.`,
  idle: (ms) => `Disconnected: nothing was typed for ${minutes(ms)} minutes.`,
  ended: (ending) =>
    ending.byStaff
      ? `Support ended this session at ${timeOf(ending)}. Reason: ${ending.reason ?? ''}`
      : `${ending.name ?? 'Someone else'} ended this session at ${timeOf(ending)}.`,
  keyGone: 'Disconnected: the key that you connected with was removed.',
  permissionGone: 'Disconnected: you may no longer operate this server.',
  deleted: 'Disconnected: the server was deleted.',
  tooMany: 'This account can have 5 consoles open at once. Close another one and try again.',
  restarting: 'Tsubo is being updated. Wait a moment and connect again.',
  database: "We can't connect you right now. Try again in a moment.",
  failed: (id) => `We couldn't connect. Tell support the ID ${id}.`,
  noCommands: 'Only the serial console is here: no commands, no file transfer.',
};

export type Words = typeof ja;
export const wordsOf = (locale: 'ja' | 'en'): Words => (locale === 'en' ? en : ja);
