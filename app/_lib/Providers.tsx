'use client';

import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { mantineTheme } from '../_ui/mantine.ts';
import { TrpcProvider } from './trpc/client.tsx';

/**
 * Mantine would write its variables into a <style> of its own, which the CSP refuses: they come from its CSS file.
 * Its light/dark switch is fixed, since our tokens follow `color-scheme`.
 */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={mantineTheme} forceColorScheme="light" withCssVariables={false} withGlobalClasses={false}>
      <TrpcProvider>{children}</TrpcProvider>
    </MantineProvider>
  );
}
