import { defineConfig, devices } from '@playwright/test';

/**
 * `mocked` looks at the built app in front of the mock, each test at one of its own; `walks` walk a running Marquee as people
 * do: `MARQUEE_URL` names it, by default the installation of `make test`. Every test can run alone.
 */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'e2e/output/traces',
  // One after the other: the walks share two cores with the transcoder.
  workers: 1,
  fullyParallel: false,
  // A busy machine is no failure: what hangs is still found.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    // Recording all that happens takes about as long as what happens.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Debian's Chromium runs as root in CI; nothing but our own pages is opened.
      args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
    },
  },
  projects: [
    { name: 'mocked', testDir: 'e2e/mocked' },
    { name: 'film', testDir: 'e2e/setup', testMatch: '*.setup.ts' },
    {
      name: 'walks',
      testIgnore: ['mocked/**', 'setup/**'],
      // Some wait for a pipeline.
      timeout: 600_000,
      dependencies: ['film'],
      use: { baseURL: process.env.MARQUEE_URL ?? 'http://localhost:18080' },
    },
  ],
});
