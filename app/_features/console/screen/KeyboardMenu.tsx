'use client';

import { useTranslations } from 'next-intl';
import { Choice } from '../../../_ui/inputs.tsx';
import { Popover } from '../Popover.tsx';
import { KeyTest } from './KeyTest.tsx';
import type { LayoutName } from './layouts.ts';
import type { Keyboard } from './useKeyboard.ts';

/** The keyboard in front of one, the one that the guest believes to have, and a place to try what comes of both. */
export function KeyboardMenu({ keyboard }: { keyboard: Keyboard }) {
  const t = useTranslations('console.keyboard');
  const { own, guest, setOwn, setGuest } = keyboard;
  return (
    <Popover label={t('open', { own: t(`short.${own}`), guest: t(`short.${guest}`) })}>
      <fieldset>
        <legend>{t('own')}</legend>
        {(['auto', 'jis', 'us'] as const).map((name) => (
          <Choice
            key={name}
            name="own-layout"
            value={name}
            checked={own === name}
            onChange={() => setOwn(name)}
            label={t(name)}
          />
        ))}
      </fieldset>
      <LayoutChoice layout={guest} setLayout={setGuest} />
      <p>{t('differ')}</p>
      <KeyTest own={own} guest={guest} />
    </Popover>
  );
}

/** How the guest reads its keys. */
export function LayoutChoice({ layout, setLayout }: { layout: LayoutName; setLayout: (layout: LayoutName) => void }) {
  const t = useTranslations('console.keyboard');
  return (
    <fieldset>
      <legend>{t('guest')}</legend>
      {(['us', 'jis'] as const).map((name) => (
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
