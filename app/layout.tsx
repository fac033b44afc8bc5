import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/noto-sans-jp/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/Paper.css';
import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/Menu.css';
import '@mantine/core/styles/Overlay.css';
import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Modal.css';
import './_ui/theme.css';
import './_ui/base.css';
import type { Metadata, Viewport } from 'next';
import localFont from 'next/font/local';
import { cookies } from 'next/headers';
import { NextIntlClientProvider } from 'next-intl';
import { getLocale, getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { themeCookie } from './_lib/i18n/cookies.ts';
import { Providers } from './_lib/Providers.tsx';
import { app } from './_lib/server/app.ts';
import { currentSession } from './_lib/server/session.ts';

/** What every page draws with in either language comes with the page; all other slices come when a character needs them. */
const inter = localFont({
  src: '../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  variable: '--font-latin',
  weight: '100 900',
  display: 'swap',
  adjustFontFallback: false,
  declarations: [
    {
      prop: 'unicode-range',
      value:
        'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
    },
  ],
});

/** Every page carries a nonce of its own answer, so none can be drawn ahead of time. */
export const dynamic = 'force-dynamic';

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('common');
  return { title: { template: `%s | ${t('product')}`, default: t('product') }, robots: { index: false } };
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  colorScheme: 'light dark',
  viewportFit: 'cover',
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = await getLocale();
  const chosen = (await currentSession())?.user.theme ?? (await cookies()).get(themeCookie)?.value;
  const theme = chosen === 'light' || chosen === 'dark' ? chosen : 'system';
  return (
    <html lang={locale} className={inter.variable} data-theme={theme} data-mantine-color-scheme="light">
      <body>
        <NextIntlClientProvider>
          <Providers renderedAtMs={app().deps.clock.now().getTime()}>{children}</Providers>
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
