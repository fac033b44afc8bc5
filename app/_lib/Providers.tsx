'use client';

import { MantineProvider } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { mantineTheme } from '../_ui/mantine.ts';
import { notePage } from './clock/server-clock.ts';
import { TrpcProvider } from './trpc/client.tsx';

/**
 * Mantine would write its variables into a <style> of its own, which the CSP refuses: they come from its CSS file.
 * Its light/dark switch is fixed, since our tokens follow `color-scheme`.
 */
export function Providers({
  renderedAtMs,
  children,
}: {
  /** The server's Unix time when it drew the page. */
  renderedAtMs: number;
  children: ReactNode;
}) {
  // Before anything inside looks at a clock; once, since later drawings come by other requests.
  useState(() => {
    if (typeof window !== 'undefined') notePage(renderedAtMs);
  });
  return (
    <MantineProvider theme={mantineTheme} forceColorScheme="light" withCssVariables={false} withGlobalClasses={false}>
      <TrpcProvider>{children}</TrpcProvider>
    </MantineProvider>
  );
}
