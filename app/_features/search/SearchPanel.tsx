'use client';

import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useDialog } from '../../_ui/useDialog.ts';
import { type SearchItem, useSearchItems } from './items.ts';
import styles from './search.module.css';
import { useStaffItems } from './staff-items.ts';

interface SearchPanelProps {
  account: boolean;
  staff: boolean;
  onClose: () => void;
}

/** The search over everything: a combobox in the browser's own modal layer, which keeps and gives back the focus. */
export function SearchPanel({ account, staff, onClose }: SearchPanelProps) {
  const t = useTranslations('common.search');
  const router = useRouter();
  const { open } = useDialog();
  const base = useId();
  const layer = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const own = useSearchItems(query, { account, staff });
  const others = useStaffItems(query, staff);
  const last = own.groups.findIndex(({ name }) => name === 'pages');
  // Before the pages, which are few and always there.
  const groups = last < 0 ? [...own.groups, ...others.groups] : own.groups.toSpliced(last, 0, ...others.groups);
  const looking = own.looking || others.looking;
  const failed = own.failed || others.failed;
  const items = groups.flatMap((group) => group.items);
  const at = Math.min(chosen, items.length - 1);
  const optionId = (item: SearchItem) => `${base}-${item.id}`;
  const active = items[at];

  useEffect(() => layer.current?.showModal(), []);
  const activeId = active && optionId(active);
  useEffect(() => {
    if (activeId !== undefined) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  function choose(item: SearchItem) {
    // First the focus goes back to where it was, then the page or its dialog takes it.
    layer.current?.close();
    if ('href' in item) router.push(item.href);
    else open(item.verb);
  }

  function onKeyDown(event: KeyboardEvent) {
    // Enter and arrows that an input method takes are no choice.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && items.length > 0) {
      event.preventDefault();
      setChosen((at + step + items.length) % items.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (active) choose(active);
    }
  }

  return (
    <dialog ref={layer} className={styles.layer} aria-label={t('title')} onClose={onClose}>
      <input
        className={styles.input}
        role="combobox"
        aria-expanded={items.length > 0}
        aria-controls={`${base}-list`}
        aria-activedescendant={activeId}
        aria-autocomplete="list"
        aria-label={staff ? t('staffLabel') : t('label')}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="go"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${base}-list`} role="listbox" aria-label={t('results')} className={styles.list}>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, which fieldset is not
          <div key={group.name} role="group" aria-labelledby={`${base}-${group.name}`}>
            <div id={`${base}-${group.name}`} className={styles.group}>
              {t(`group.${group.name}`)}
            </div>
            {group.items.map((item) => (
              // biome-ignore lint/a11y/useFocusableInteractive: the input keeps the focus, see aria-activedescendant
              // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys
              <div
                key={item.id}
                id={optionId(item)}
                role="option"
                aria-selected={item === active}
                className={styles.option}
                onClick={() => choose(item)}
                onPointerMove={() => setChosen(items.indexOf(item))}
              >
                <span className={styles.words}>{item.words}</span>
                {item.detail === undefined ? null : <span className={styles.detail}>{item.detail}</span>}
              </div>
            ))}
          </div>
        ))}
      </div>
      {failed || looking || items.length === 0 ? (
        <p className={styles.none}>{failed ? t('failed') : looking ? t('looking') : t('none', { query })}</p>
      ) : null}
      <div className={styles.foot}>
        <span className={styles.hint}>{t('hint')}</span>
        <button type="button" className={styles.close} onClick={() => layer.current?.close()}>
          {t('close')}
        </button>
      </div>
      <span className="visually-hidden" role="status">
        {failed ? t('failed') : looking ? t('looking') : t('count', { count: items.length })}
      </span>
    </dialog>
  );
}
