'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { StaffImageView } from '../../../server/catalog/staff-images.ts';
import { figure } from '../../_lib/format/numbers.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { CopyText } from '../../_ui/CopyText.tsx';
import { QueryView } from '../../_ui/QueryView.tsx';
import { Section } from '../../_ui/Section.tsx';
import { Skeleton } from '../../_ui/Skeleton.tsx';
import { StateBadge } from '../../_ui/StateBadge.tsx';
import { useServerWords } from '../servers/useServerWords.ts';
import styles from './staff.module.css';

const MIB = 1_048_576;
const tones = { ready: 'ok', preparing: 'busy', failed: 'bad' } as const;

/** What can be ordered, what is still being made, and why that does not succeed. */
export function ImageList() {
  const t = useTranslations('staff.images');
  const trpc = useTRPC();
  const query = useQuery(trpc.staff.images.list.queryOptions());
  return (
    <Section title={t('title')}>
      <QueryView
        query={query}
        skeleton={<Skeleton height={80} />}
        errorTitle={t('errorTitle')}
        errorFact={t('errorBody')}
      >
        {(images) =>
          images.length === 0 ? (
            <p className={styles.quiet}>{t('none')}</p>
          ) : (
            <ul className={styles.images}>
              {images.map((image) => (
                <Image key={image.id} image={image} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Section>
  );
}

function Image({ image }: { image: StaffImageView }) {
  const t = useTranslations('staff.images');
  const words = useServerWords();
  const state = image.state === 'preparing' && image.problem !== null ? 'failed' : image.state;
  return (
    <li>
      <div className={styles.hostHead}>
        <strong>
          {words.named(image)} {image.version}
        </strong>
        <StateBadge tone={tones[state]}>{t(`state.${state}`)}</StateBadge>
        {image.bytes === null ? null : (
          <span className={styles.quiet}>{t('size', { mib: figure(Math.round(image.bytes / MIB)) })}</span>
        )}
        <span className={styles.quiet}>{t('servers', { count: image.servers })}</span>
        {image.digest === null ? null : (
          <CopyText value={image.digest} label={t('digest')} mono>
            {image.digest.slice(0, 12)}
          </CopyText>
        )}
      </div>
      {image.problem === null ? null : (
        <div className={styles.imageProblem}>
          <p>{image.state === 'ready' ? t('olderOffered') : t('notOffered')}</p>
          <p>{t('again')}</p>
          <pre className={styles.said}>{image.problem}</pre>
        </div>
      )}
    </li>
  );
}
