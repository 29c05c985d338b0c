import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, type Page, type Route, test } from '@playwright/test';
import { publishedFilm } from './api';
import { multipartFilm } from './films';
import { chooseFile, inspect, PIPELINE_MS, watchErrors } from './pages';
import { accountMenu, newPerson, type Person, requestCode } from './people';
import { expectPlaying, openFilm, playOrResume } from './playback';

const root = resolve(import.meta.dirname, '../..');
const OFFLINE_MS = 10_000;

// The other tests see no animations.
test.use({ contextOptions: { reducedMotion: 'no-preference' } });

/** The URL of the mailbox, from `make status`. */
function mailbox(): string {
  const status = execFileSync(resolve(root, 'target/debug/marquee-local'), ['status'], { cwd: root, encoding: 'utf8' });
  const address = /^mail\s+(\S+)/m.exec(status)?.[1];
  if (address === undefined) throw new Error(`make status names no mailbox:\n${status}`);
  return address;
}

/** Reads the latest code from the mailbox page, in another tab. */
async function readCode(page: Page, { email }: Person, mails: number): Promise<string> {
  const tab = await page.context().newPage();
  try {
    await tab.goto(mailbox());
    const own = tab.getByRole('article').filter({ hasText: email });
    await expect(async () => {
      await tab.reload();
      expect(await own.count()).toBeGreaterThanOrEqual(mails);
    }).toPass({ timeout: 60_000 });
    await inspect(tab, 'mailbox');
    return (await own.first().locator('.code').textContent()) ?? '';
  } finally {
    await tab.close();
  }
}

test('a newcomer signs up, watches, resets the password, and publishes despite a lost connection', async ({
  page,
  context,
}) => {
  test.setTimeout(900_000);
  const watched = watchErrors(page);
  const newcomer = newPerson('Nora Newcomer');

  // Signs up with nothing but the README and `make status`.
  await page.goto('/');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await requestCode(page, newcomer);
  await page.getByLabel('Code').fill(await readCode(page, newcomer, 1));
  await page.getByRole('textbox', { name: 'Name' }).fill(newcomer.name);
  await page.getByLabel('Password').fill(newcomer.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(accountMenu(page, newcomer)).toBeVisible();

  // Watches.
  const { name } = publishedFilm();
  await openFilm(page, name);
  await page.getByRole('button', { name: playOrResume }).click();
  await expectPlaying(page);
  await page.goBack();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();

  // Resets a forgotten password.
  await accountMenu(page, newcomer).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).first().click();
  await page.getByRole('link', { name: /Forgot your password/ }).click();
  // The previous page has a field with the same name.
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await page.getByLabel('Email').fill(newcomer.email);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible();
  await page.getByLabel('Code').fill(await readCode(page, newcomer, 2));
  await page.getByLabel('New password').fill('Another-horse-8-battery');
  await inspect(page, 'newcomer-reset');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(accountMenu(page, newcomer)).toBeVisible();

  // Becomes a creator.
  await accountMenu(page, newcomer).click();
  await page.getByRole('menuitem', { name: 'Start publishing' }).click();
  await page.getByRole('button', { name: 'Start publishing' }).click();
  await expect(page.getByRole('heading', { name: 'Upload a film' })).toBeVisible();

  // Uploads: the connection is lost for ten seconds, and the upload resumes by itself.
  const held: Route[] = [];
  let holding = true;
  await page.route(/partNumber=/, async (route) => {
    if (holding && !/partNumber=1(&|$)/.test(route.request().url())) held.push(route);
    else await route.continue();
  });
  await chooseFile(page, 'Choose a file', multipartFilm());
  await page.getByRole('textbox', { name: 'Name' }).fill(`Through the tunnel ${Date.now()}`);
  await page.getByRole('button', { name: 'Create and upload' }).click();
  const upload = page.getByRole('region', { name: 'Upload' });
  await expect(upload.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow', '0');
  await context.setOffline(true);
  holding = false;
  await Promise.all(held.map((route) => route.abort('internetdisconnected').catch(() => undefined)));
  await expect(upload.getByText('Waiting for a connection. The upload will resume automatically.')).toBeVisible();
  await inspect(page, 'newcomer-offline');
  await page.waitForTimeout(OFFLINE_MS);
  await context.setOffline(false);
  await expect(page.getByRole('region', { name: 'Pipeline' }).getByRole('status')).toHaveText('Published', {
    timeout: PIPELINE_MS,
  });
  expect(watched.errors).toEqual([]);
});
