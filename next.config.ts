import type { NextConfig } from 'next';
import createNextIntlPlugin from 'next-intl/plugin';

const config: NextConfig = {
  output: 'standalone',
  // Written into the code at build time, so that it tells what was built and not what was started.
  ...(process.env.TSUBO_RELEASE && { env: { TSUBO_RELEASE: process.env.TSUBO_RELEASE } }),
  poweredByHeader: false,
  // npm run check checks types, once and for everything.
  typescript: { ignoreBuildErrors: true },
  // nginx compresses; the event stream must not pass a compressor at all.
  compress: false,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'referrer-policy', value: 'same-origin' },
        { key: 'x-frame-options', value: 'DENY' },
        { key: 'cross-origin-opener-policy', value: 'same-origin' },
        { key: 'cross-origin-resource-policy', value: 'same-origin' },
        {
          key: 'permissions-policy',
          value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-write=(self)',
        },
      ],
    },
  ],
  // They load files of their own (native addons, WASM, worker threads) and must not be bundled.
  serverExternalPackages: ['@node-rs/argon2', 'pino', 'pg', '@prisma/client', '@prisma/adapter-pg', 'better-auth'],
};

export default createNextIntlPlugin('./app/_lib/i18n/request.ts')(config);
