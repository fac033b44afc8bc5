/**
 * xterm.js, set up: colours, fonts, the widths of East Asian characters, search, and styles that our content security
 * policy lets through. Loaded only when a console is opened.
 */
import '@xterm/xterm/css/xterm.css';
import '@fontsource-variable/m-plus-1-code/wght.css';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { type ITheme, Terminal } from '@xterm/xterm';
import { Questions } from './questions.ts';

const LATIN = '"JetBrains Mono Variable"';
const JAPANESE = '"M PLUS 1 Code Variable"';
/** The panel's own: half-width kana, which the one above lacks. */
const KANA = '"Noto Sans JP Variable"';
const SCROLLBACK = 10_000;

/** Dark in both themes (ui.md 5). */
const theme: ITheme = {
  background: '#0B0E12',
  foreground: '#E8EBEF',
  cursor: '#E8EBEF',
  cursorAccent: '#0B0E12',
  selectionBackground: '#2F66D0',
  selectionForeground: '#FFFFFF',
  black: '#2C343E',
  red: '#FF8A80',
  green: '#7FD8A3',
  yellow: '#F2C46D',
  blue: '#8AB4FF',
  magenta: '#D7A6EA',
  cyan: '#7AD3DC',
  white: '#B4BCC6',
  brightBlack: '#8B95A1',
  brightRed: '#FFA39B',
  brightGreen: '#9FE8BC',
  brightYellow: '#FFDD99',
  brightBlue: '#ADCBFF',
  brightMagenta: '#E6C3F3',
  brightCyan: '#A0E4EB',
  brightWhite: '#FFFFFF',
};

export interface SerialTerminal {
  term: Terminal;
  search: SearchAddon;
  questions: Questions;
  /** Rows and columns as the window has room for. */
  refit: () => void;
  /** A dim rule under what was written so far, with a word: no part of the output, so that the guest's cursor is right. */
  rule: (words: string, className: string) => void;
  /** The last lines as plain text, without those at the end that are empty. */
  lines: (count: number) => string[];
  dispose: () => void;
}

export async function createTerminal(
  place: HTMLElement,
  options: { fontSize: number; screenReaderMode: boolean },
): Promise<SerialTerminal> {
  // Cells are measured when it opens.
  await Promise.allSettled([
    document.fonts.load(`${options.fontSize}px ${LATIN}`),
    document.fonts.load(`${options.fontSize}px ${JAPANESE}`, '端末'),
  ]);
  const term = new Terminal({
    ...options,
    allowProposedApi: true,
    fontFamily: `${LATIN}, ${JAPANESE}, ${KANA}, ui-monospace, Menlo, Consolas, monospace`,
    lineHeight: 1.2,
    scrollback: SCROLLBACK,
    minimumContrastRatio: 4.5,
    cursorBlink: false,
    macOptionIsMeta: true,
    theme,
  });
  const [fitting, search] = [new FitAddon(), new SearchAddon()];
  term.loadAddon(fitting);
  term.loadAddon(search);
  term.loadAddon(new Unicode11Addon());
  term.unicode.activeVersion = '11';
  withNonce(() => term.open(place));
  // By Tab one comes to the frame around it, and in by Enter: it keeps every key.
  if (term.textarea) term.textarea.tabIndex = -1;
  const refit = () => {
    if (place.clientWidth > 0) fitting.fit();
  };
  refit();
  const sizes = new ResizeObserver(refit);
  sizes.observe(place);
  return {
    term,
    search,
    questions: new Questions(term),
    refit,
    rule: (words, className) =>
      // After what was written before it.
      term.write('', () => {
        const marker = term.registerMarker(0);
        const decoration = marker && term.registerDecoration({ marker, width: term.cols, layer: 'top' });
        decoration?.onRender((element) => {
          element.classList.add(className);
          element.style.width = '100%';
          element.textContent = words;
        });
      }),
    lines: (count) => linesOf(term, count),
    dispose: () => {
      sizes.disconnect();
      term.dispose();
    },
  };
}

function linesOf(term: Terminal, count: number): string[] {
  const { active } = term.buffer;
  const lines: string[] = [];
  for (let y = 0; y < active.length; y++) {
    const line = active.getLine(y);
    if (line === undefined) continue;
    const text = line.translateToString(true);
    // A line that was too wide for the window is one.
    if (line.isWrapped && lines.length > 0) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  while (lines.at(-1) === '') lines.pop();
  return lines.slice(-count);
}

/** xterm makes its style elements itself; by our policy they need the page's nonce. */
function withNonce(open: () => void): void {
  const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce;
  const create = document.createElement;
  document.createElement = function createWithNonce(this: Document, ...args: Parameters<typeof create>) {
    const element = create.apply(this, args);
    if (nonce !== undefined && element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  } as typeof create;
  try {
    open();
  } finally {
    // Back to the prototype's.
    Reflect.deleteProperty(document, 'createElement');
  }
}
