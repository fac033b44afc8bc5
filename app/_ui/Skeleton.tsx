import styles from './page.module.css';

/** Holds the place of what is still being read; give it the final height, in pixels. */
export function Skeleton({ height, width }: { height: number; width?: number | string }) {
  return <span className={styles.skeleton} style={{ height, width: width ?? '100%' }} aria-hidden />;
}
