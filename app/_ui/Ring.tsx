import { IconLoader2 } from '@tabler/icons-react';
import styles from './button.module.css';

/** Three quarters of a ring that turns; under reduced motion it stands still, and the words beside it say the same. */
export function Ring({ size = 16 }: { size?: number }) {
  return <IconLoader2 className={styles.ring} size={size} stroke={2} aria-hidden />;
}
