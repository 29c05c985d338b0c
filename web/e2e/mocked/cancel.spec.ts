import type { Page } from '@playwright/test';
import { chooseFile, inspect } from '../pages.ts';
import { expect, signInAs, test } from './fixtures.ts';

test.use({ clockRate: 0 });

const film = { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(1024 * 1024) };

const screens = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
];

/** Checks a page on every screen size: it does not scroll sideways, and axe finds nothing serious. */
async function onEveryScreen(page: Page, name: string): Promise<void> {
  for (const screen of screens) {
    await page.setViewportSize(screen);
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), name).toBe(screen.width);
    await inspect(page, `${name}-${screen.width}`);
  }
}

async function openProcessing(page: Page): Promise<void> {
  await signInAs(page, 'creator');
  await page.goto('/studio');
  await page.getByRole('link', { name: 'Tomorrow’s Premiere' }).click();
  await page.getByRole('button', { name: 'Cancel processing' }).click();
}

test('an owner cancels processing and uploads another file', async ({ page }) => {
  await openProcessing(page);
  const dialog = page.getByRole('alertdialog');
  await expect(dialog.getByText(/still pays for what has been transcoded/)).toBeVisible();
  await onEveryScreen(page, 'cancel-asked');
  await dialog.getByRole('button', { name: 'Keep processing' }).click();
  await expect(dialog).toHaveCount(0);
  await onEveryScreen(page, 'cancel-before');

  await page.getByRole('button', { name: 'Cancel processing' }).click();
  await dialog.getByRole('button', { name: 'Cancel processing' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Pipeline' }).getByRole('status')).toHaveText('Canceled');
  await expect(page.getByText(/failed/)).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Upload another file' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete this title' })).toBeVisible();
  await onEveryScreen(page, 'canceled');

  await page.goto('/studio');
  await expect(page.getByText('Canceled', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Tomorrow’s Premiere' }).click();
  await chooseFile(page, 'Choose a file', film);
  await expect(page.getByRole('button', { name: 'Cancel processing' })).toBeVisible();
});

test('an owner cancels processing and deletes the title', async ({ page }) => {
  await openProcessing(page);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel processing' }).click();
  await page.getByRole('button', { name: 'Delete this title' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'My titles' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Half an Idea' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Tomorrow’s Premiere' })).toHaveCount(0);
});

test('an admin cancels the processing of another user’s title and runs it again', async ({ page }) => {
  await signInAs(page, 'admin');
  await page.goto('/admin?state=processing');
  await page.getByRole('link', { name: 'Tomorrow’s Premiere' }).click();
  const sheet = page.getByRole('dialog', { name: 'Tomorrow’s Premiere' });
  await sheet.getByRole('button', { name: 'Cancel processing' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog.getByText(/The owner can then upload another file/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel processing' }).click();
  await expect(sheet.getByRole('status')).toHaveText('Canceled');
  await onEveryScreen(page, 'canceled-admin');
  await sheet.getByRole('button', { name: 'Run again' }).click();
  await expect(sheet.getByRole('button', { name: 'Cancel processing' })).toBeVisible();
});
