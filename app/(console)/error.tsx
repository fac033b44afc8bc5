'use client';

import { type ComponentProps, lazy, Suspense } from 'react';
import type { RouteError } from '../_features/shell/RouteError.tsx';

/** Not part of a console's first load. */
const Shown = lazy(() =>
  import('../_features/shell/RouteError.tsx').then((module) => ({ default: module.RouteError })),
);

export default function ConsoleError(props: ComponentProps<typeof RouteError>) {
  return (
    <main id="content">
      <Suspense fallback={null}>
        <Shown {...props} />
      </Suspense>
    </main>
  );
}
