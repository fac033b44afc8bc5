'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { clock } from '../../_lib/format/time.ts';
import { useLostContact } from '../../_lib/live/useLostContact.ts';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { toneOfState } from './tone.ts';

type Server = Pick<ServerView, 'state' | 'stale' | 'observedAt'>;

/** Older than this, what was heard is no longer said as if it were now; as the server says it of its hosts. */
const freshMs = 60_000;

/** Icon, word and colour. A last word that nobody renewed is drawn as an outline, with its time. */
export function ServerState({ server }: { server: Server }) {
  const t = useTranslations('servers');
  const lost = useLostContact(freshMs);
  const time = server.stale ? server.observedAt : lost;
  const old = (server.stale || lost !== null) && server.state !== 'unknown';
  return (
    <StateBadge tone={toneOfState[server.state]} stale={old}>
      {t(`state.${server.state}`)}
      {old && time !== null ? ` ${t('stateAsOf', { time: clock(time) })}` : null}
    </StateBadge>
  );
}
