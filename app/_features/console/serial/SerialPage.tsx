'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { sshCommand } from '../../../_lib/ssh-command.ts';
import { CopyText } from '../../../_ui/CopyText.tsx';
import { ConsoleFrame, type ConsolePageProps } from '../ConsoleFrame.tsx';
import styles from '../console.module.css';
import { fileStamp } from '../file-stamp.ts';
import { saveFile } from '../save-file.ts';
import { ToolButton } from '../ToolButton.tsx';
import { useConsole } from '../useConsole.ts';
import { useRemembered } from '../useRemembered.ts';
import { MoreMenu } from './MoreMenu.tsx';
import { PasteLines } from './PasteLines.tsx';
import { PortNote } from './PortNote.tsx';
import { SearchBar } from './SearchBar.tsx';
import { TextView } from './TextView.tsx';
import { useSerial } from './useSerial.ts';

const TEXT_LINES = 500;
const sizes = ['12', '14', '16', '18', '20', '24'] as const;
type Size = (typeof sizes)[number];
const isSize = (kept: string): kept is Size => sizes.some((size) => size === kept);
const isSwitch = (kept: string): kept is 'on' | 'off' => kept === 'on' || kept === 'off';

/** The machine's serial port. */
export function SerialPage(props: ConsolePageProps) {
  const { server } = props;
  const t = useTranslations('console.term');
  const place = useRef<HTMLDivElement>(null);
  const [size, setSize] = useRemembered<Size>('console.fontSize', '14', isSize);
  const [reader, setReader] = useRemembered<'on' | 'off'>('console.reader', 'off', isSwitch);
  const serial = useSerial(place, { fontSize: Number(size), screenReaderMode: reader === 'on' });
  const console = useConsole(server, 'serial', { load: serial.load });
  const [searching, setSearching] = useState(false);
  const [pasted, setPasted] = useState<string | null>(null);
  const [text, setText] = useState<string[] | null>(null);
  const [announced, setAnnounced] = useState('');
  const { terminal } = serial;
  const { state, tell } = console;
  const focus = () => terminal.current?.term.focus();
  const step = (by: number) => setSize(sizes[sizes.indexOf(size) + by] ?? size);

  const lostKeys = serial.dropped === 'not-connected';
  useEffect(() => {
    if (lostKeys) tell({ type: 'typed' });
  }, [lostKeys, tell]);

  /** What is selected is copied: a terminal's Ctrl+C belongs to the guest. */
  async function copySelection() {
    const selection = terminal.current?.term.getSelection() ?? '';
    if (selection === '') return;
    const copied = await navigator.clipboard.writeText(selection).then(
      () => true,
      () => false,
    );
    setAnnounced(copied ? t('copied') : '');
  }

  return (
    <>
      <ConsoleFrame
        {...props}
        console={console}
        kind="serial"
        onLeave={() => terminal.current?.term.blur()}
        note={
          <>
            <PortNote serial={serial} state={state} />
            {searching ? (
              <SearchBar
                terminal={terminal}
                onClose={() => {
                  setSearching(false);
                  focus();
                }}
              />
            ) : null}
            <div className="visually-hidden" role="status">
              {announced}
            </div>
          </>
        }
        facts={
          serial.size === null ? null : (
            <span className={styles.stty}>
              <span className="num">{t('size', serial.size)}</span>
              <CopyText value={`stty rows ${serial.size.rows} cols ${serial.size.cols}`} label={t('stty')} mono />
            </span>
          )
        }
        tools={
          state.dial === 0 ? null : (
            <>
              {state.viewOnly ? null : <ToolButton onClick={() => setPasted('')}>{t('pasteOpen')}</ToolButton>}
              <ToolButton aria-expanded={searching} onClick={() => setSearching(!searching)}>
                {t('search')}
              </ToolButton>
              <ToolButton onClick={() => saveFile(serial.received.file(), `${server.name}-serial-${fileStamp()}.log`)}>
                {t('saveLog')}
              </ToolButton>
              <MoreMenu
                sshLine={props.installation.sshDoor && sshCommand(props.installation.sshDoor, server.id)}
                openText={() => setText(terminal.current?.lines(TEXT_LINES) ?? [])}
                reader={reader === 'on'}
                setReader={(on) => setReader(on ? 'on' : 'off')}
                step={step}
                reset={() => {
                  terminal.current?.term.reset();
                  focus();
                }}
              />
            </>
          )
        }
      >
        <div
          role="application"
          className={styles.terminal}
          aria-label={t('label', { name: server.name })}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: by Tab one comes to it, and in by Enter
          tabIndex={0}
          onKeyDown={(event) => {
            if (event.target !== event.currentTarget || event.key !== 'Enter') return;
            event.preventDefault();
            focus();
          }}
          onMouseUp={() => void copySelection()}
          onPasteCapture={(event) => {
            const clip = event.clipboardData.getData('text');
            event.preventDefault();
            event.stopPropagation();
            if (/[\r\n]/.test(clip)) setPasted(clip);
            else terminal.current?.term.paste(clip);
          }}
        >
          <div ref={place} className={styles.xterm} />
        </div>
      </ConsoleFrame>
      {pasted === null ? null : (
        <PasteLines
          text={pasted}
          onPaste={(lines) => terminal.current?.term.paste(lines)}
          onClose={() => {
            setPasted(null);
            setTimeout(focus, 50);
          }}
        />
      )}
      {text === null ? null : <TextView name={server.name} lines={text} onClose={() => setText(null)} />}
    </>
  );
}
