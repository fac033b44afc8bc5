'use client';

import { useTranslations } from 'next-intl';
import type { ServerView } from '../../../server/servers/schema.ts';
import { clock } from '../../_lib/format/time.ts';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { toneOfState } from './tone.ts';

type Server = Pick<ServerView, 'state' | 'stale' | 'observedAt'>;

/** Icon, word and colour. A last word that nobody renewed is drawn as an outline, with its time. */
export function ServerState({ server }: { server: Server }) {
  const t = useTranslations('servers');
  const old = server.stale && server.state !== 'unknown';
  return (
    <StateBadge tone={toneOfState[server.state]} stale={old}>
      {t(`state.${server.state}`)}
      {old && server.observedAt !== null ? ` ${t('stateAsOf', { time: clock(server.observedAt) })}` : null}
    </StateBadge>
  );
}
