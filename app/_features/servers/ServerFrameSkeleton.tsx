import { Skeleton } from '../../_ui/Skeleton.tsx';
import styles from './list.module.css';

export function ServerFrameSkeleton() {
  return (
    <div className={styles.waiting}>
      <Skeleton height={22} width="6em" />
      <Skeleton height={40} />
      <Skeleton height={24} width="10em" />
      <Skeleton height={28} />
      <Skeleton height={320} />
    </div>
  );
}
