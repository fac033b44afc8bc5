import {
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconCircleFilled,
  IconHelpCircle,
  IconSquareFilled,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Ring } from './Ring.tsx';
import styles from './StateBadge.module.css';

export type Tone = 'ok' | 'neutral' | 'busy' | 'attention' | 'bad' | 'unknown';

/** Every tone has a shape of its own: the colour alone never carries the meaning. */
const shapes: Record<Tone, ReactNode> = {
  ok: <IconCircleFilled size={10} aria-hidden />,
  neutral: <IconSquareFilled size={10} aria-hidden />,
  busy: <Ring size={14} />,
  attention: <IconAlertTriangleFilled size={14} aria-hidden />,
  bad: <IconAlertOctagonFilled size={14} aria-hidden />,
  unknown: <IconHelpCircle size={14} aria-hidden />,
};

/** `stale`: the last word, no longer fresh; drawn as an outline. */
export function StateBadge({ tone, stale = false, children }: { tone: Tone; stale?: boolean; children: ReactNode }) {
  return (
    <span className={styles.badge} data-tone={tone} data-stale={stale || undefined}>
      <span className={styles.icon}>{shapes[tone]}</span>
      <span>{children}</span>
    </span>
  );
}
