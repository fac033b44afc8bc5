'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import styles from '../console.module.css';
import { editing } from './keys.ts';
import { type LayoutName, strokesOf } from './layouts.ts';
import { type SendKey, sendStroke } from './typing.ts';

/** Something for the soft keyboard to delete: on an empty field it sends no Backspace. */
const filler = '\u200b'.repeat(20);

/** What was written into the filler, wherever a browser put the cursor, and how much of the filler was deleted. */
export function readWritten(value: string): { written: string; deleted: number } {
  const written = value.replaceAll('\u200b', '');
  return { written, deleted: Math.max(0, filler.length - (value.length - written.length)) };
}

/** The cursor at its end: a value that is set has it there, one that was there from the beginning has it before. */
function refill(field: HTMLTextAreaElement): void {
  field.value = filler;
  field.setSelectionRange(filler.length, filler.length);
}

/**
 * A field that nobody sees, for phones: their keyboards come up for a field only, and tell what was written, not
 * which key was pressed. What is written is sent, and the field is as before.
 */
export function SoftKeyboard({ send, layout }: { send: SendKey; layout: LayoutName }) {
  const t = useTranslations('console.vnc');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (field.current === null) return;
    refill(field.current);
    field.current.focus();
  }, []);

  function sendWritten(element: HTMLTextAreaElement) {
    const { written, deleted } = readWritten(element.value);
    const { Backspace } = editing;
    for (let n = 0; n < deleted && Backspace !== undefined; n++) {
      send(Backspace.keysym, Backspace.code, true);
      send(Backspace.keysym, Backspace.code, false);
    }
    for (const stroke of strokesOf(layout, written).strokes) sendStroke(send, stroke);
    refill(element);
  }

  return (
    <textarea
      ref={field}
      className={styles.softKeyboard}
      aria-label={t('softKeyboardLabel')}
      autoCapitalize="off"
      autoComplete="off"
      autoCorrect="off"
      spellCheck={false}
      onInput={(event) => {
        if (!(event.nativeEvent as InputEvent).isComposing) sendWritten(event.currentTarget);
      }}
      onCompositionEnd={(event) => sendWritten(event.currentTarget)}
      onKeyDown={(event) => {
        const key = editing[event.key];
        if (key === undefined || event.key === 'Backspace' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        send(key.keysym, key.code, true);
        send(key.keysym, key.code, false);
      }}
    />
  );
}
