import { Skeleton } from '../../_ui/Skeleton.tsx';
import styles from './list.module.css';

/** The list while it is read: rows of the final height. */
export function ServerListSkeleton() {
  return (
    <div className={styles.waiting}>
      <Skeleton height={22} width="4em" />
      <Skeleton height={40} />
      <Skeleton height={56} />
      <Skeleton height={56} />
    </div>
  );
}
