import { defineConfig, devices } from '@playwright/test';

/** Walks a running Marquee as people do: `MARQUEE_URL` names it, by default the installation of `make test`. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'e2e/output/traces',
  // One story after the other: they share two cores with the transcoder.
  workers: 1,
  fullyParallel: false,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    baseURL: process.env.MARQUEE_URL ?? 'http://localhost:18080',
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Debian's Chromium runs as root in CI; nothing but our own pages is opened.
      args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
    },
  },
});
