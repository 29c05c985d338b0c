import { expect, test } from '@playwright/test';
import { signInAsNew } from './api';
import { film } from './films';
import { chooseFile, inspect, PIPELINE_MS, watchErrors } from './pages';

test('an owner cancels the processing of a film and deletes its title', async ({ page }) => {
  const watched = watchErrors(page);
  const name = `Second thoughts ${Date.now()}`;
  await signInAsNew(page, 'Carla Canceler', 'publish');
  await page.goto('/upload');
  await chooseFile(page, 'Choose a file', film());
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create and upload' }).click();

  await page.getByRole('button', { name: 'Cancel processing' }).click({ timeout: PIPELINE_MS });
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel processing' }).click();
  const pipeline = page.getByRole('region', { name: 'Pipeline' });
  await expect(pipeline.getByRole('status')).toHaveText('Canceled');
  await expect(
    pipeline.getByText('The processing was canceled. Upload another file, or delete the title.'),
  ).toBeVisible();
  await expect(page.getByRole('button', { name: 'Choose a file' })).toBeVisible();
  await inspect(page, 'canceled');

  await page.getByRole('button', { name: 'Delete this title' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('heading', { name: 'My titles', level: 1 })).toBeVisible();
  await expect(page.getByRole('link', { name })).toHaveCount(0);
  expect(watched.errors).toEqual([]);
});
