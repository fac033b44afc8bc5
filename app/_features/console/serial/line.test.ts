import { beforeEach, expect, it } from 'vitest';
import { type Port, SerialLine } from './line.ts';

/** The browser's end of a socket, and what the proxy would hear. */
class Socket extends EventTarget {
  readyState: number = WebSocket.CONNECTING;
  said: unknown[] = [];
  send(data: string | Uint8Array) {
    this.said.push(typeof data === 'string' ? JSON.parse(data) : new TextDecoder().decode(data));
  }
  open() {
    this.readyState = WebSocket.OPEN;
    this.dispatchEvent(new Event('open'));
  }
  tell(data: object | string) {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data).buffer : JSON.stringify(data);
    this.dispatchEvent(new MessageEvent('message', { data: bytes }));
  }
  close() {
    this.readyState = WebSocket.CLOSED;
  }
}

let heard: string;
let marks: [why: string, resumed: boolean, first: boolean][];
let ports: [Port, Port | null][];
let line: SerialLine;
let drawn: number;

beforeEach(() => {
  [heard, marks, ports, drawn] = ['', [], [], 0];
  line = new SerialLine({
    data: (bytes) => {
      heard += new TextDecoder().decode(bytes);
    },
    mark: ({ why }, { resumed, first }) => marks.push([why, resumed, first]),
    port: (port, before) => ports.push([port, before]),
  });
});

function connect(viewOnly = false) {
  const socket = new Socket();
  const { detach } = line.attach(socket as unknown as WebSocket, {
    viewOnly,
    opened: () => undefined,
    drawn: () => drawn++,
  });
  socket.open();
  return { socket, detach };
}
const mark = (why: string, offset: number, inode = '7') => ({ t: 'mark', why, at: { inode, offset }, skipped: null });
const port = (writer: string | null, change: Partial<Port> = {}) => ({
  ...{ t: 'port', you: 'me', open: true, log: 'ok', writer: writer && { id: writer, label: `L${writer}` } },
  ...change,
});
const keys = (text: string) => line.type(new TextEncoder().encode(text));

it('begins with history, and goes on after the last byte that came', () => {
  const first = connect();
  expect(first.socket.said).toEqual([{ t: 'open', from: null }]);
  first.socket.tell(mark('start', 100));
  first.socket.tell('日本');
  first.socket.tell(mark('live', 106));
  first.socket.tell('x');
  first.detach();
  first.socket.close();

  const second = connect();
  expect(second.socket.said).toEqual([{ t: 'open', from: { inode: '7', offset: 107 } }]);
  second.socket.tell(mark('start', 107));
  second.socket.tell('yz');
  second.socket.tell(mark('rotated', 0, '9'));
  second.socket.tell('ab');
  second.detach();
  expect(connect().socket.said).toEqual([{ t: 'open', from: { inode: '9', offset: 2 } }]);
  expect(heard).toBe('日本xyzab');
  expect(marks).toEqual([
    ['start', false, true],
    ['live', false, false],
    ['start', true, true],
    ['rotated', true, false],
  ]);
});

it('asks for a keyboard that nobody holds, once; keys follow it', () => {
  const { socket } = connect();
  expect(keys('a')).toBe('not-connected');
  socket.tell(mark('start', 0));
  socket.tell(port(null));
  expect(socket.said.slice(1)).toEqual([{ t: 'claim', what: 'take' }]);
  socket.tell(port('me'));
  expect(drawn).toBe(2);
  expect(keys('日')).toBeNull();
  socket.tell(port(null));
  expect(socket.said.slice(2)).toEqual(['日']);
  // Given back or let go: typing asks for it again, ahead of the keys.
  expect(keys('b')).toBeNull();
  expect(socket.said.slice(3)).toEqual([{ t: 'claim', what: 'take' }, 'b']);
});

it('sends nothing past another writer, to a closed port, or by who may only look', () => {
  const { socket } = connect();
  socket.tell(port('other'));
  expect(keys('a')).toBe('other-writer');
  socket.tell(port(null, { open: false }));
  expect(keys('a')).toBe('closed');
  expect(socket.said).toHaveLength(1);
  const looker = connect(true);
  looker.socket.tell(port(null));
  expect(keys('a')).toBe('view-only');
  expect(looker.socket.said).toHaveLength(1);
});

it('takes the keyboard from another only when told to, and tells who took it', () => {
  const { socket } = connect();
  socket.tell(port('other'));
  expect(socket.said).toHaveLength(1);
  line.claim('force');
  expect(socket.said.at(-1)).toEqual({ t: 'claim', what: 'force' });
  socket.tell(port('me'));
  socket.tell(port('other'));
  const [now, before] = ports.at(-1) ?? [];
  expect([before?.writer?.id, now?.writer?.id, now?.you]).toEqual(['me', 'other', 'me']);
});

it('what the terminal answers by itself goes to the guest from the writer alone, and takes no keyboard', () => {
  const { socket } = connect(false);
  const answer = () => line.answer(new TextEncoder().encode('R'));
  answer();
  socket.tell(port(null));
  const before = socket.said.length;
  answer();
  socket.tell(port('other'));
  answer();
  expect(socket.said).toHaveLength(before);
  socket.tell(port('me'));
  answer();
  expect(socket.said.slice(before)).toEqual(['R']);
});

it('a long text is cut into what a frame may carry', () => {
  const { socket } = connect();
  socket.tell(port('me'));
  keys('x'.repeat(150_000));
  expect(socket.said.slice(1).map((part) => (part as string).length)).toEqual([65_536, 65_536, 18_928]);
});

it('a word that it does not know is no end', () => {
  const { socket } = connect();
  socket.tell({ t: 'weather', sun: true });
  socket.dispatchEvent(new MessageEvent('message', { data: '{' }));
  socket.tell(port('me'));
  expect(keys('a')).toBeNull();
});

it('what an old socket still says is not heard', () => {
  const { socket, detach } = connect();
  socket.tell(mark('start', 0));
  detach();
  socket.tell('late');
  expect(heard).toBe('');
});
