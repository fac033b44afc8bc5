import { defineConfig } from 'vitest/config';

// Tests stand beside the code. `unit` needs a PostgreSQL: TEST_DATABASE_URL, or one that global-setup starts;
// `hypervisor` needs the test stack's libvirtd, and runs one file at a time; `quickstart` brings its own of all.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          globalSetup: ['server/testing/global-setup.ts'],
          include: ['{server,compute-agent,console-proxy,app,scripts,prisma}/**/*.test.ts'],
          exclude: ['**/*.libvirt.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          // How long `poll` waits for what comes: as long as it may take on a busy machine, not on a quiet one.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: 'hypervisor',
          globalSetup: ['server/testing/global-setup.ts'],
          include: ['{compute-agent,server,scripts}/**/*.libvirt.test.ts'],
          exclude: ['scripts/quickstart.libvirt.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: 'quickstart',
          include: ['scripts/quickstart.libvirt.test.ts'],
          // One story: after a failure nothing of the rest could be right.
          bail: 1,
          // The test's own limits come from what it measures; this one is for what ends never.
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
