import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import styles from './_features/shell/NotFound.module.css';
import { NotFound } from './_features/shell/NotFound.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('common.notFound'))('title') };
}

/** An address that no route answers; it has no frame around it. */
export default function RootNotFound() {
  return (
    <main className={styles.alone}>
      <NotFound />
    </main>
  );
}
