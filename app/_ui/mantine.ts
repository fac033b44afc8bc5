'use client';

import { createTheme } from '@mantine/core';

/**
 * Of Mantine we use what is hard to get right (focus trap, menus, tooltips), and none of its colours:
 * base.css points its variables at our tokens.
 */
export const mantineTheme = createTheme({
  fontFamily: 'var(--font-sans)',
  fontFamilyMonospace: 'var(--font-mono)',
  defaultRadius: 4,
  respectReducedMotion: true,
  cursorType: 'pointer',
});
