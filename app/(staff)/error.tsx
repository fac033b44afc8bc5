'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Crash } from '../_features/shell/Crash.tsx';

export default function StaffError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
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
