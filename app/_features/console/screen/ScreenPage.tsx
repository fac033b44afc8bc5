'use client';

import { IconCamera, IconKeyboard } from '@tabler/icons-react';
import { useTranslations } from 'next-intl';
import { type KeyboardEvent, lazy, Suspense, useCallback, useEffect, useId, useRef, useState } from 'react';
import { Choice } from '../../../_ui/inputs.tsx';
import { ConsoleFrame, type ConsolePageProps } from '../ConsoleFrame.tsx';
import styles from '../console.module.css';
import { fileStamp } from '../file-stamp.ts';
import { saveFile } from '../save-file.ts';
import { ToolButton } from '../ToolButton.tsx';
import { useConsole } from '../useConsole.ts';
import { useRemembered } from '../useRemembered.ts';
import { KeyboardMenu } from './KeyboardMenu.tsx';
import { KeysMenu } from './KeysMenu.tsx';
import { LastPicture } from './LastPicture.tsx';
import { Picture } from './picture.ts';
import { SoftKeyboard } from './SoftKeyboard.tsx';
import { useKeyboard } from './useKeyboard.ts';

const PasteDialog = lazy(() => import('./PasteDialog.tsx').then((module) => ({ default: module.PasteDialog })));

type Size = 'fit' | 'actual';
const isSize = (kept: string): kept is Size => kept === 'fit' || kept === 'actual';

/** The machine's screen. */
export function ScreenPage(props: ConsolePageProps) {
  const { server } = props;
  const t = useTranslations('console');
  const [picture] = useState(() => new Picture());
  const [viewOnly, setViewOnly] = useState(false);
  const console = useConsole(server, 'vnc', { load: picture.load, wantsViewOnly: viewOnly });
  const [size, setSize] = useRemembered<Size>('console.size', 'fit', isSize);
  const [pasting, setPasting] = useState(false);
  const [soft, setSoft] = useState(false);
  const target = useRef<HTMLDivElement>(null);
  const frozen = useRef<HTMLCanvasElement>(null);
  const textId = useId();
  const { state, tell } = console;
  const types = state.phase === 'connected' && !state.viewOnly;
  const keyboard = useKeyboard(picture, server.id, types);

  useEffect(() => {
    picture.place(target.current, frozen.current);
    return () => picture.place(null, null);
  }, [picture]);
  useEffect(() => {
    picture.fits = size === 'fit';
  }, [picture, size]);

  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      if (event.target !== event.currentTarget) return;
      if (event.key === 'Enter' && types) {
        event.preventDefault();
        picture.focus();
      } else if (event.key.length === 1 || event.key === 'Enter') tell({ type: 'typed' });
    },
    [types, picture, tell],
  );

  async function screenshot() {
    const png = await picture.screenshot();
    if (png !== null) saveFile(png, `${server.name}-screen-${fileStamp()}.png`);
  }

  return (
    <>
      <ConsoleFrame
        {...props}
        console={console}
        kind="vnc"
        onLeave={() => picture.blur()}
        facts={
          <span id={textId} className="visually-hidden">
            {types ? t('enterHint') : null} {t('noText')}
          </span>
        }
        choices={
          <Choice
            type="checkbox"
            checked={viewOnly}
            onChange={(event) => setViewOnly(event.target.checked)}
            label={t('vnc.viewOnly')}
          />
        }
        tools={
          <>
            {types ? (
              <>
                {/* The first: on a phone nothing can be typed without it. */}
                <ToolButton
                  icon={<IconKeyboard size={18} aria-hidden />}
                  aria-pressed={soft}
                  data-touch
                  onClick={() => setSoft(!soft)}
                >
                  {t('vnc.softKeyboard')}
                </ToolButton>
                <ToolButton
                  onClick={() => {
                    picture.sendCtrlAltDel();
                    picture.focus();
                  }}
                >
                  {t('vnc.ctrlAltDel')}
                </ToolButton>
                <KeysMenu picture={picture} keyboard={keyboard} />
                <ToolButton
                  onClick={() => {
                    // With Ctrl down nothing would be written.
                    keyboard.letGo();
                    setPasting(true);
                  }}
                >
                  {t('paste.open')}
                </ToolButton>
                <KeyboardMenu keyboard={keyboard} />
              </>
            ) : null}
            <ToolButton
              aria-pressed={size === 'actual'}
              title={t('vnc.size')}
              onClick={() => setSize(size === 'fit' ? 'actual' : 'fit')}
            >
              {size === 'fit' ? t('vnc.actual') : t('vnc.fit')}
            </ToolButton>
            {state.phase === 'connected' ? (
              <ToolButton icon={<IconCamera size={18} aria-hidden />} onClick={() => void screenshot()}>
                {t('vnc.screenshot')}
              </ToolButton>
            ) : null}
          </>
        }
      >
        <div
          role="application"
          className={styles.screen}
          data-size={size}
          aria-label={t('pictureLabel', { name: server.name })}
          aria-describedby={textId}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: by Tab one comes to it, and in by Enter
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          {state.phase === 'connected' ? null : <LastPicture server={server} />}
          <canvas ref={frozen} className={styles.frozen} hidden />
          <div ref={target} className={styles.target} {...keyboard.listeners} />
          {soft && types ? <SoftKeyboard send={picture.sendKey} layout={keyboard.guest} /> : null}
        </div>
      </ConsoleFrame>
      {pasting ? (
        <Suspense fallback={null}>
          <PasteDialog
            send={picture.sendKey}
            types={types}
            layout={keyboard.guest}
            setLayout={keyboard.setGuest}
            onClose={() => {
              setPasting(false);
              picture.focus();
            }}
          />
        </Suspense>
      ) : null}
    </>
  );
}
