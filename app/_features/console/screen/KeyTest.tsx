'use client';

import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import styles from '../console.module.css';
import { characterAt, type LayoutName } from './layouts.ts';
import { arrives, meant, type OwnLayout, type Press, sendingOf } from './own-keyboard.ts';

/** A field to press a key in: what the guest will make of it, by the two keyboards that are chosen. Nothing is sent. */
export function KeyTest({ own, guest }: { own: OwnLayout; guest: LayoutName }) {
  const t = useTranslations('console.keyboard');
  const id = useId();
  const [pressed, setPressed] = useState<Press | null>(null);
  return (
    <div>
      <label className={styles.testLabel} htmlFor={id}>
        {t('test')}
      </label>
      <input
        id={id}
        className={styles.test}
        value=""
        aria-describedby={`${id}-said`}
        autoComplete="off"
        spellCheck={false}
        onChange={() => undefined}
        onKeyDown={({ code, key, shiftKey, nativeEvent }) => {
          // The way out stays.
          if (key === 'Tab' || key === 'Escape') return;
          nativeEvent.preventDefault();
          if (!/^(?:Shift|Control|Alt|Meta)/.test(code)) setPressed({ code, key, shiftKey });
        }}
      />
      <div id={`${id}-said`} role="status">
        {pressed === null ? <p>{t('testHelp')}</p> : <Outcome own={own} guest={guest} press={pressed} />}
      </div>
    </div>
  );
}

function Outcome({ own, guest, press }: { own: OwnLayout; guest: LayoutName; press: Press }) {
  const t = useTranslations('console.keyboard');
  const sending = sendingOf(own, guest, press);
  const character = arrives(own, guest, press);
  // By the browser's word it is another key than the chosen keyboard has there.
  const [chosen, said] = [meant(own, press), meant('auto', press)];
  const doubt = own !== 'auto' && said !== undefined && chosen !== said;
  return (
    <>
      {sending.how === 'never' ? (
        <p>{t('never')}</p>
      ) : character === undefined ? (
        <p>{t('plain', { key: press.code })}</p>
      ) : (
        <p>
          {t('arrives', { character })}
          {sending.how === 'stroke'
            ? t('as', {
                keys: `${sending.stroke.shift ? 'Shift + ' : ''}${characterAt(guest, sending.stroke.code, false)?.toUpperCase()}`,
              })
            : null}
        </p>
      )}
      {doubt ? <p>{t('doubt', { said })}</p> : null}
    </>
  );
}
