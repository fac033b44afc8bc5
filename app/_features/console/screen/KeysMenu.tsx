'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { Choice } from '../../../_ui/inputs.tsx';
import styles from '../console.module.css';
import { Popover } from '../Popover.tsx';
import { ToolButton } from '../ToolButton.tsx';
import { type Modifier, modifiers, type Press, presses } from './keys.ts';
import type { LayoutName } from './layouts.ts';
import type { Picture } from './picture.ts';

/** Keys that a browser keeps for itself: to hold, and to press once. Open until it is closed: keys come in rows. */
export function KeysMenu({
  picture,
  layout,
  setLayout,
}: {
  picture: Picture;
  layout: LayoutName;
  setLayout: (layout: LayoutName) => void;
}) {
  const t = useTranslations('console.vnc');
  const [held, setHeld] = useState<ReadonlySet<Modifier>>(new Set());
  const heldNow = useRef(held);
  heldNow.current = held;
  // No key stays down when the console ends.
  useEffect(
    () => () => {
      for (const name of heldNow.current) picture.sendKey(modifiers[name].keysym, modifiers[name].code, false);
    },
    [picture],
  );

  function toggle(name: Modifier) {
    const down = !held.has(name);
    picture.sendKey(modifiers[name].keysym, modifiers[name].code, down);
    const next = new Set(held);
    if (down) next.add(name);
    else next.delete(name);
    setHeld(next);
  }

  function press({ held: first, key }: Press) {
    const pressed = first.filter((name) => !held.has(name)).map((name) => modifiers[name]);
    for (const one of pressed) picture.sendKey(one.keysym, one.code, true);
    picture.sendKey(key.keysym, key.code, true);
    picture.sendKey(key.keysym, key.code, false);
    for (const one of pressed.reverse()) picture.sendKey(one.keysym, one.code, false);
  }

  const words = (name: string) => (name === 'zenkaku' || name === 'win' ? t(name) : name);
  return (
    <Popover label={t('keys')}>
      <fieldset>
        <legend>{t('modifiers')}</legend>
        <div className={styles.keys}>
          {(Object.keys(modifiers) as Modifier[]).map((name) => (
            <ToolButton key={name} aria-pressed={held.has(name)} onClick={() => toggle(name)}>
              {name === 'Win' ? t('win') : name}
            </ToolButton>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{t('press')}</legend>
        <div className={styles.keys}>
          {presses(layout).map((one) => (
            <ToolButton key={one.name} onClick={() => press(one)}>
              {words(one.name)}
            </ToolButton>
          ))}
        </div>
      </fieldset>
      <LayoutChoice layout={layout} setLayout={setLayout} />
    </Popover>
  );
}

/** How the guest reads its keys. */
export function LayoutChoice({ layout, setLayout }: { layout: LayoutName; setLayout: (layout: LayoutName) => void }) {
  const t = useTranslations('console.vnc');
  return (
    <fieldset>
      <legend>{t('guestLayout')}</legend>
      {(['jis', 'us'] as const).map((name) => (
        <Choice
          key={name}
          name="guest-layout"
          value={name}
          checked={layout === name}
          onChange={() => setLayout(name)}
          label={t(name)}
        />
      ))}
    </fieldset>
  );
}
