import { useTranslations } from 'next-intl';
import styles from './staff.module.css';

/** A thin grey bar, so that nobody takes a staff page for a customer's. */
export function StaffBar() {
  const t = useTranslations('staff');
  return <p className={styles.bar}>{t('bar')}</p>;
}
