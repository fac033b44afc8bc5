import type { NextConfig } from 'next';
import createNextIntlPlugin from 'next-intl/plugin';

const config: NextConfig = {
  output: 'standalone',
  poweredByHeader: false,
  // nginx compresses; the event stream must not pass a compressor at all.
  compress: false,
  // They load files of their own (native addons, WASM, worker threads) and must not be bundled.
  serverExternalPackages: ['@node-rs/argon2', 'pino', 'pg', '@prisma/client', '@prisma/adapter-pg', 'better-auth'],
};

export default createNextIntlPlugin('./app/_lib/i18n/request.ts')(config);
