'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import styles from '../console.module.css';
import { editing } from './keys.ts';
import { type LayoutName, strokesOf } from './layouts.ts';
import { type SendKey, sendStroke } from './typing.ts';

/** Something for the soft keyboard to delete: on an empty field it sends no Backspace. */
const filler = '\u200b'.repeat(20);

/**
 * A field that nobody sees, for phones: their keyboards come up for a field only, and tell what was written, not
 * which key was pressed. What is written is sent, and the field is as before.
 */
export function SoftKeyboard({ send, layout }: { send: SendKey; layout: LayoutName }) {
  const t = useTranslations('console.vnc');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);

  function sendWritten(element: HTMLTextAreaElement) {
    const { value } = element;
    const kept = value.lastIndexOf('\u200b') + 1;
    const written = value.slice(kept);
    const { Backspace } = editing;
    for (let n = kept; n < filler.length && Backspace !== undefined; n++) {
      send(Backspace.keysym, Backspace.code, true);
      send(Backspace.keysym, Backspace.code, false);
    }
    for (const stroke of strokesOf(layout, written).strokes) sendStroke(send, stroke);
    element.value = filler;
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
      defaultValue={filler}
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
