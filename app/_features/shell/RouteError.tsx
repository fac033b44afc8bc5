'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Crash } from './Crash.tsx';

/** What stands where a page fell over; the frame around it goes on. */
export function RouteError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const router = useRouter();
  return (
    <Crash
      digest={error.digest}
      retry={() =>
        startTransition(() => {
          // Reads the server's part again, too; `reset` alone would draw the same failure.
          router.refresh();
          reset();
        })
      }
    />
  );
}
