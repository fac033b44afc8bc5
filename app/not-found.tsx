import styles from './_features/shell/NotFound.module.css';
import { NotFound, notFoundTitle } from './_features/shell/NotFound.tsx';

export const generateMetadata = notFoundTitle;

/** What even the panel's own catch-all does not answer; it has no frame around it. */
export default function RootNotFound() {
  return (
    <main className={styles.alone}>
      <NotFound />
    </main>
  );
}
