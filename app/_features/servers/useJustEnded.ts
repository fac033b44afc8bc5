'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { OperationView } from '../../../server/servers/schema.ts';
import { useTRPC } from '../../_lib/trpc/client.tsx';
import { isOpen } from '../operations/tone.ts';

const shownMs = 10_000;

/**
 * An operation that was seen running on this page and has succeeded: shown for ten seconds. The server's answer
 * no longer carries it, so it is asked for by its id.
 */
export function useJustEnded(operation: OperationView | null): OperationView | null {
  const trpc = useTRPC();
  const [seen, setSeen] = useState<string | null>(null);
  const openId = operation !== null && isOpen(operation) ? operation.id : null;

  useEffect(() => {
    if (openId !== null) setSeen(openId);
  }, [openId]);

  const ended = seen !== null && openId === null;
  const { data } = useQuery({
    ...trpc.operations.get.queryOptions({ operationId: seen ?? '' }),
    enabled: ended,
    staleTime: 0,
  });
  const result = ended && data?.id === seen && data.state === 'succeeded' ? data : null;
  const resultId = result?.id;

  useEffect(() => {
    if (resultId === undefined) return;
    const timer = setTimeout(() => setSeen(null), shownMs);
    return () => clearTimeout(timer);
  }, [resultId]);

  return result;
}
