'use client';

import { useTranslations } from 'next-intl';
import styles from '../console.module.css';
import { Popover } from '../Popover.tsx';
import { ToolButton } from '../ToolButton.tsx';
import { type Modifier, modifiers, type Press, presses } from './keys.ts';
import type { Picture } from './picture.ts';
import type { Keyboard } from './useKeyboard.ts';

/**
 * Keys that a browser keeps for itself: to hold, and to press once. Open until it is closed: keys come in rows. What is
 * held stands beside it then, and is let go of there.
 */
export function KeysMenu({ picture, keyboard }: { picture: Picture; keyboard: Keyboard }) {
  const t = useTranslations('console.vnc');
  const { held, toggle } = keyboard;

  function press({ held: first, key }: Press) {
    const pressed = first.filter((name) => !held.has(name)).map((name) => modifiers[name]);
    for (const one of pressed) picture.sendKey(one.keysym, one.code, true);
    picture.sendKey(key.keysym, key.code, true);
    picture.sendKey(key.keysym, key.code, false);
    for (const one of pressed.reverse()) picture.sendKey(one.keysym, one.code, false);
  }

  const words = (name: string) => (name === 'zenkaku' || name === 'win' ? t(name) : name);
  const wordsOf = (name: Modifier) => (name === 'Win' ? t('win') : name);
  return (
    <>
      <Popover label={t('keys')}>
        <fieldset>
          <legend>{t('modifiers')}</legend>
          <div className={styles.keys}>
            {(Object.keys(modifiers) as Modifier[]).map((name) => (
              <ToolButton key={name} aria-pressed={held.has(name)} onClick={() => toggle(name)}>
                {wordsOf(name)}
              </ToolButton>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{t('press')}</legend>
          <div className={styles.keys}>
            {presses(keyboard.guest).map((one) => (
              <ToolButton key={one.name} onClick={() => press(one)}>
                {words(one.name)}
              </ToolButton>
            ))}
          </div>
        </fieldset>
      </Popover>
      {[...held].map((name) => (
        <ToolButton
          key={name}
          aria-pressed
          title={t('heldTitle', { name: wordsOf(name) })}
          onClick={() => {
            toggle(name);
            picture.focus();
          }}
        >
          {wordsOf(name)}
        </ToolButton>
      ))}
    </>
  );
}
