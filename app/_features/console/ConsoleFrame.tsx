'use client';

import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconChevronLeft,
  IconExternalLink,
  IconPlugX,
} from '@tabler/icons-react';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { lazy, type ReactNode, Suspense, useEffect, useId, useRef, useState } from 'react';
import type { Installation } from '../../../server/catalog/schema.ts';
import type { ServerView } from '../../../server/servers/schema.ts';
import { paths } from '../../_lib/paths.ts';
import { useDialog } from '../../_ui/useDialog.ts';
import { useServerActions } from '../servers/useServerActions.ts';
import { ConsoleCard } from './ConsoleCard.tsx';
import { ConsoleFooter } from './ConsoleFooter.tsx';
import styles from './console.module.css';
import { Mark } from './Mark.tsx';
import { ToolButton } from './ToolButton.tsx';
import type { Console } from './useConsole.ts';
import { useLeaveKeys } from './useLeaveKeys.ts';

/** After an upgrade the old file is gone: the page is loaded anew, `?do=` and all. */
const ServerDialogs = lazy(() =>
  import('../servers/ServerDialogs.tsx').then(
    (module) => ({ default: module.ServerDialogs }),
    (error: unknown) => {
      window.location.reload();
      throw error;
    },
  ),
);

export interface ConsolePageProps {
  server: ServerView;
  installation: Installation;
  userId: string;
  /** In a window of its own: connects by itself, and leads nowhere else. */
  ownWindow: boolean;
}

interface FrameProps extends ConsolePageProps {
  console: Console;
  kind: 'vnc' | 'serial';
  /** This console's own controls. */
  tools: ReactNode;
  /** One line about what is going on, under the controls; it may hold a button. */
  note?: ReactNode;
  /** What is chosen before one connects. */
  choices?: ReactNode;
  /** What stands beside the state at the foot. */
  facts?: ReactNode;
  /** The keyboard leaves the console. */
  onLeave?: () => void;
  /** What the machine shows; behind the card, dimmed, while there is one. */
  children: ReactNode;
}

/** The whole window: controls, the machine's screen or terminal, and what is known of the server. */
export function ConsoleFrame(props: FrameProps) {
  const { server, installation, ownWindow, console, kind, tools, note, children } = props;
  const t = useTranslations('console');
  const dialog = useDialog();
  const actions = useServerActions(server);
  const frame = useRef<HTMLDivElement>(null);
  const toolbar = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLElement>(null);
  const full = useFullScreen();
  const hintId = useId();
  const { state, said } = console;
  const title = t(`title.${kind}`, { name: server.name });
  useTitle(`${said.mark === 'on' ? '●' : '○'} ${title}`);
  useConnectAtOnce(ownWindow, console.connect);
  useLeaveKeys(stage, () => {
    props.onLeave?.();
    // The first that is seen: some are for phones alone.
    const controls = toolbar.current?.querySelectorAll<HTMLElement>('button, a') ?? [];
    [...controls].find((control) => control.checkVisibility())?.focus();
  });

  return (
    <div className={styles.frame} ref={frame}>
      <header className={styles.bar}>
        <div className={styles.name}>
          {ownWindow ? null : (
            <Link className={styles.back} href={paths.server(server.id)} aria-label={t('back')} title={t('back')}>
              <IconChevronLeft size={20} stroke={1.75} aria-hidden />
            </Link>
          )}
          <h1 className={styles.title} tabIndex={-1}>
            <span aria-hidden>{server.name}</span>
            <span className="visually-hidden">{title}</span>
          </h1>
          <Mark said={said} viewOnly={state.viewOnly} />
          <Kinds serverId={server.id} kind={kind} ownWindow={ownWindow} />
        </div>
        <div className={styles.tools} role="toolbar" aria-label={t('toolbar')} ref={toolbar}>
          {tools}
          <ToolButton
            icon={full.on ? <IconArrowsMinimize size={18} aria-hidden /> : <IconArrowsMaximize size={18} aria-hidden />}
            onClick={() => full.toggle(frame.current)}
          >
            {full.on ? t('act.leaveFullScreen') : t('act.fullScreen')}
          </ToolButton>
          {ownWindow ? null : (
            <ToolButton
              icon={<IconExternalLink size={18} aria-hidden />}
              onClick={() => {
                console.disconnect();
                openOwnWindow(server.id, kind);
              }}
            >
              {t('act.ownWindow')}
            </ToolButton>
          )}
          {state.phase === 'idle' || state.phase === 'ended' || state.phase === 'gave-up' ? null : (
            <ToolButton icon={<IconPlugX size={18} aria-hidden />} onClick={console.disconnect}>
              {t('act.disconnect')}
            </ToolButton>
          )}
        </div>
      </header>
      <div className={styles.notes}>{note}</div>
      <main id="content" className={styles.stage} ref={stage} data-dimmed={said.covers || undefined}>
        <div className={styles.picture} aria-describedby={hintId}>
          {children}
        </div>
        <ConsoleCard server={server} console={console} kind={kind} actions={actions} choices={props.choices} />
      </main>
      <ConsoleFooter {...props} hintId={hintId} open={dialog.open} actions={actions} />
      {dialog.verb === null ? null : (
        <Suspense fallback={null}>
          <ServerDialogs dialog={dialog} server={server} installation={installation} actions={actions} />
        </Suspense>
      )}
    </div>
  );
}

function Kinds({ serverId, kind, ownWindow }: { serverId: string; kind: 'vnc' | 'serial'; ownWindow: boolean }) {
  const t = useTranslations('console');
  const end = ownWindow ? '?win=1' : '';
  return (
    <nav className={styles.kinds} aria-label={t('kinds')}>
      <Link href={paths.screen(serverId) + end} aria-current={kind === 'vnc' ? 'page' : undefined}>
        {t('screen')}
      </Link>
      <Link href={paths.serial(serverId) + end} aria-current={kind === 'serial' ? 'page' : undefined}>
        {t('serial')}
      </Link>
    </nav>
  );
}

/** The window has a name, so that a second press finds it again. */
function openOwnWindow(serverId: string, kind: 'vnc' | 'serial') {
  const path = kind === 'vnc' ? paths.screen(serverId) : paths.serial(serverId);
  const name = `tsubo-${serverId}-${kind === 'vnc' ? 'screen' : 'serial'}`;
  window.open(`${path}?win=1`, name, 'popup,width=1080,height=760')?.focus();
}

/** Over the page's own title, which the server drew; Next puts that back on a change of the address alone. */
function useTitle(title: string) {
  useEffect(() => {
    const product = document.title.split(' | ').at(-1) ?? '';
    document.title = `${title} | ${product}`;
  }, [title]);
}

function useConnectAtOnce(atOnce: boolean, connect: () => void) {
  useEffect(() => {
    if (atOnce) connect();
  }, [atOnce, connect]);
}

function useFullScreen() {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const look = () => setOn(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, []);
  return {
    on,
    toggle: (element: HTMLElement | null) => {
      // A browser may refuse; then all stays as it is.
      if (document.fullscreenElement !== null) void document.exitFullscreen().catch(() => undefined);
      else void element?.requestFullscreen().catch(() => undefined);
    },
  };
}
