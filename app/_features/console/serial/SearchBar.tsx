'use client';

import { useTranslations } from 'next-intl';
import { type RefObject, useEffect, useRef, useState } from 'react';
import styles from '../console.module.css';
import { ToolButton } from '../ToolButton.tsx';
import type { SerialTerminal } from './terminal.ts';

/** Looks through all that the terminal keeps; Enter goes on, Esc closes. */
export function SearchBar({ terminal, onClose }: { terminal: RefObject<SerialTerminal | null>; onClose: () => void }) {
  const t = useTranslations('console.term');
  const common = useTranslations('common');
  const [words, setWords] = useState('');
  const [found, setFound] = useState(true);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    return () => terminal.current?.search.clearDecorations();
  }, [terminal]);
  const look = (back: boolean, text = words, incremental = false) => {
    const { current } = terminal;
    if (current === null || text === '') return setFound(true);
    setFound(back ? current.search.findPrevious(text) : current.search.findNext(text, { incremental }));
  };
  return (
    <search className={styles.search}>
      <input
        ref={field}
        type="search"
        aria-label={t('searchLabel')}
        value={words}
        spellCheck={false}
        onChange={(event) => {
          setWords(event.target.value);
          look(false, event.target.value, true);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter') look(event.shiftKey);
          if (event.key === 'Escape') onClose();
        }}
      />
      <ToolButton onClick={() => look(true)}>{t('previous')}</ToolButton>
      <ToolButton onClick={() => look(false)}>{t('next')}</ToolButton>
      <ToolButton onClick={onClose}>{common('close')}</ToolButton>
      <span role="status">{found ? '' : t('noMatch')}</span>
    </search>
  );
}
