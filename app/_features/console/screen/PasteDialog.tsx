'use client';

import { useLocale, useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { duration, type Locale } from '../../../_lib/format/time.ts';
import { ActionButton } from '../../../_ui/ActionButton.tsx';
import { Dialog } from '../../../_ui/Dialog.tsx';
import { Field } from '../../../_ui/Field.tsx';
import { Choice, PasswordInput, TextArea } from '../../../_ui/inputs.tsx';
import { LayoutChoice } from './KeyboardMenu.tsx';
import { type LayoutName, strokesOf } from './layouts.ts';
import { type SendKey, STROKE_MS, typeStrokes } from './typing.ts';

/**
 * Types a text into the guest, key by key: how long it takes, what cannot be typed, and a way to stop it. It stops by
 * itself where keys no longer arrive, and says how far it came.
 */
export function PasteDialog({
  send,
  types,
  layout,
  setLayout,
  onClose,
}: {
  send: SendKey;
  /** Keys arrive now. */
  types: boolean;
  layout: LayoutName;
  setLayout: (layout: LayoutName) => void;
  onClose: () => void;
}) {
  const t = useTranslations('console.paste');
  const locale = useLocale() as Locale;
  const [text, setText] = useState('');
  const [masked, setMasked] = useState(false);
  const [done, setDone] = useState<number | null>(null);
  const stop = useRef<AbortController | null>(null);
  const [stopped, setStopped] = useState<{ done: number; count: number; why: 'stopped' | 'lost' } | null>(null);
  useEffect(() => () => stop.current?.abort('stopped'), []);
  useEffect(() => {
    if (!types) stop.current?.abort('lost');
  }, [types]);
  const { strokes, cannot } = strokesOf(layout, text);
  const count = strokes.length;

  async function type() {
    if (count === 0 || cannot.length > 0 || !types) return;
    const control = new AbortController();
    const { signal } = control;
    stop.current = control;
    setStopped(null);
    setDone(0);
    const sent = await typeStrokes(send, strokes, { stop: signal, onProgress: setDone });
    if (sent === count && !signal.aborted) {
      onClose();
      return;
    }
    setDone(null);
    setStopped({ done: sent, count, why: signal.reason === 'lost' ? 'lost' : 'stopped' });
  }

  if (done !== null) {
    return (
      <Dialog open onClose={() => stop.current?.abort('stopped')} title={t('title')} dismiss={t('stop')}>
        <p role="status">{t('typing', { done, count })}</p>
        <progress max={count} value={done} />
      </Dialog>
    );
  }
  const typed = { value: text, autoComplete: 'off', spellCheck: false };
  return (
    <Dialog
      open
      onClose={onClose}
      onSubmit={() => void type()}
      title={t('title')}
      actions={
        <ActionButton tone="primary" type="submit">
          {t('confirm')}
        </ActionButton>
      }
    >
      <p>{t('body')}</p>
      <Field
        name="paste"
        label={t('label')}
        help={t('count', { count, time: duration(Math.ceil((count * STROKE_MS) / 1000), locale) })}
        error={cannot.length === 0 ? undefined : t('cannot', { characters: cannot.join(' ') })}
      >
        {masked ? (
          <PasswordInput {...typed} onChange={(event) => setText(event.target.value)} />
        ) : (
          <TextArea {...typed} rows={4} mono onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      <Choice
        type="checkbox"
        checked={masked}
        onChange={(event) => setMasked(event.target.checked)}
        label={t('password')}
      />
      <LayoutChoice layout={layout} setLayout={setLayout} />
      <div role="status">
        {stopped === null ? null : <p>{t(stopped.why, stopped)}</p>}
        {types ? null : <p>{t('away')}</p>}
      </div>
    </Dialog>
  );
}
