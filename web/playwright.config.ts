import { defineConfig, devices } from '@playwright/test';

/**
 * `mocked` tests the built app with a mock of its own for each test. `walks` tests a running Marquee end to end:
 * `MARQUEE_URL`, by default the installation of `make test`. Every test can run alone.
 */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'e2e/output/traces',
  // One at a time: the tests share two cores with the transcoder.
  workers: 1,
  fullyParallel: false,
  // Generous, for busy machines.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    // A browser without a graphics card draws each frame of an animation with the processor: tests take twice as long.
    contextOptions: { reducedMotion: 'reduce' },
    // Recording doubles the duration of a test.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
      // CI runs Chromium as root, which has no sandbox; it opens our own pages only. Its emulated graphics card is slower than none.
      args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
    },
  },
  projects: [
    { name: 'mocked', testDir: 'e2e/mocked' },
    { name: 'film', testDir: 'e2e/setup', testMatch: '*.setup.ts' },
    {
      name: 'walks',
      testIgnore: ['mocked/**', 'setup/**'],
      // Some tests wait for a pipeline.
      timeout: 600_000,
      dependencies: ['film'],
      use: { baseURL: process.env.MARQUEE_URL ?? 'http://localhost:18080' },
    },
  ],
});
