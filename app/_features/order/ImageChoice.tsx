'use client';

import { useTranslations } from 'next-intl';
import type { OrderOptions } from '../../../server/catalog/schema.ts';
import { memory } from '../../_lib/format/numbers.ts';
import { Choice } from '../../_ui/inputs.tsx';
import { useServerWords } from '../servers/useServerWords.ts';
import styles from './order.module.css';
import { fits, usable } from './orderable.ts';

export function ImageChoice({
  options,
  planId,
  value,
  onChange,
}: {
  options: OrderOptions;
  planId: string;
  value: string;
  onChange: (imageId: string) => void;
}) {
  const t = useTranslations('order.image');
  const words = useServerWords();
  const plan = options.plans.find(({ id }) => id === planId);
  if (options.images.length === 0) return <p className={styles.quiet}>{t('none')}</p>;
  return options.images.map((image) => {
    const may = usable(image, plan);
    const help =
      image.state === 'preparing'
        ? t('preparing')
        : fits(image, plan)
          ? undefined
          : t('tooSmall', { memory: memory(image.minMemoryMiB), disk: image.minDiskGiB });
    return (
      <Choice
        key={image.id}
        name="imageId"
        value={image.id}
        checked={value === image.id}
        aria-disabled={!may || undefined}
        onChange={() => {
          if (may) onChange(image.id);
        }}
        label={
          <>
            {words.named(image)} <span className={styles.quiet}>{image.version}</span>
          </>
        }
        help={help}
      />
    );
  });
}
