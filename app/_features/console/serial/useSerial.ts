'use client';

import { useTranslations } from 'next-intl';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { figure } from '../../../_lib/format/numbers.ts';
import styles from '../console.module.css';
import type { Attach } from '../useConsole.ts';
import type { Dropped, Port, SerialLine, Sink } from './line.ts';
import { Received } from './received.ts';
import { type SignedIn, signedIn } from './signed-in.ts';
import type { SerialTerminal } from './terminal.ts';

const LOOK_MS = 500;

export interface Serial {
  load: () => Promise<Attach>;
  terminal: RefObject<SerialTerminal | null>;
  received: Received;
  port: Port | null;
  /** Who took the keyboard from us; null: nobody. */
  takenBy: string | null;
  dropped: Dropped | null;
  signedIn: SignedIn;
  size: { rows: number; cols: number } | null;
  claim: SerialLine['claim'];
}

/** A terminal in `place`, and the port that speaks in it: over one connection after the other. */
export function useSerial(
  place: RefObject<HTMLElement | null>,
  options: { fontSize: number; screenReaderMode: boolean },
): Serial {
  const t = useTranslations('console.term');
  const terminal = useRef<SerialTerminal | null>(null);
  const [received] = useState(() => new Received());
  const [port, setPort] = useState<Port | null>(null);
  const [takenBy, setTakenBy] = useState<string | null>(null);
  const [dropped, setDropped] = useState<Dropped | null>(null);
  const [present, setPresent] = useState<SignedIn>('unknown');
  const [size, setSize] = useState<Serial['size']>(null);
  const words = useRef(t);
  words.current = t;
  const settings = useRef(options);
  settings.current = options;

  const line = useRef<SerialLine | null>(null);
  const [sink] = useState(
    (): Sink => ({
      data: (bytes) => {
        received.add(bytes);
        terminal.current?.term.write(bytes);
      },
      mark: (mark, { resumed, first }) => {
        const say = words.current;
        const skipped = mark.skipped === null ? 'unknown' : figure(mark.skipped);
        if (first) terminal.current?.questions.past();
        if (mark.why === 'live') terminal.current?.questions.now();
        const rule = (text: string) => terminal.current?.rule(text, styles.rule ?? '');
        if (mark.why === 'live' && !resumed) rule(say('replayed'));
        if (mark.why === 'gap') rule(say('gap', { skipped }));
        // A slow window is one thing, having been away another.
        if (mark.why === 'behind') rule(say(first ? 'missed' : 'behind', { skipped }));
        if (mark.why === 'rotated') rule(say('rotated'));
      },
      port: (now, before) => {
        setPort(now);
        const mine = (one: Port | null) => one?.writer != null && one.writer.id === one.you;
        if (mine(before) && now.writer !== null && !mine(now)) setTakenBy(now.writer.label);
        if (mine(now) || now.writer === null) setTakenBy(null);
        setDropped(null);
      },
    }),
  );

  const load = useCallback(async (): Promise<Attach> => {
    const [{ createTerminal }, { SerialLine }] = await Promise.all([import('./terminal.ts'), import('./line.ts')]);
    if (place.current === null) throw new Error('there is no place for a terminal');
    line.current ??= new SerialLine(sink);
    const port = line.current;
    if (terminal.current === null) {
      const made = await createTerminal(place.current, settings.current);
      terminal.current = made;
      const { term } = made;
      const encoder = new TextEncoder();
      term.onData((text) => {
        if (made.questions.answering) port.answer(encoder.encode(text));
        else setDropped(port.type(encoder.encode(text)));
      });
      term.onBinary((text) => setDropped(port.type(Uint8Array.from(text, (byte) => byte.charCodeAt(0)))));
      setSize({ rows: term.rows, cols: term.cols });
      term.onResize(setSize);
    }
    const { term } = terminal.current;
    return (socket, to) => {
      term.options.disableStdin = to.viewOnly;
      if (!to.viewOnly) term.focus();
      const { detach } = port.attach(socket, to);
      return {
        detach: () => {
          detach();
          setPort(null);
        },
      };
    };
  }, [sink, place]);

  useEffect(() => {
    const { current } = terminal;
    if (current === null) return;
    current.term.options.fontSize = options.fontSize;
    current.term.options.screenReaderMode = options.screenReaderMode;
    current.refit();
  }, [options.fontSize, options.screenReaderMode]);

  useEffect(() => {
    const timer = setInterval(() => {
      if (terminal.current !== null) setPresent(signedIn(terminal.current.lines(50)));
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      terminal.current?.dispose();
      terminal.current = null;
    };
  }, []);

  return {
    ...{ load, terminal, received, port, takenBy, dropped, size },
    signedIn: present,
    claim: useCallback((what) => line.current?.claim(what), []),
  };
}
