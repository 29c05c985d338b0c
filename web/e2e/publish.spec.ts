import { expect, test } from '@playwright/test';
import { film } from './films';
import { chooseFile, inspect, PIPELINE_MS, watchErrors } from './pages';
import { newPerson, signUp } from './people';

test('a creator signs up, uploads a film and sees it published', async ({ page }) => {
  const watched = watchErrors(page);
  const creator = newPerson('Petra Publisher');
  const name = `Short card ${Date.now()}`;
  await signUp(page, creator, 'publish');

  await page.getByRole('link', { name: 'Upload', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Upload a film' })).toBeVisible();
  await inspect(page, 'upload');
  await chooseFile(page, 'Choose a file', film());
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByLabel('Description').fill('Coloured bars, and a tone.');
  await page.getByRole('button', { name: 'Documentary' }).click();
  await page.getByRole('button', { name: 'Create and upload' }).click();

  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  const pipeline = page.getByRole('region', { name: 'Pipeline' });
  await expect(pipeline.getByText(/Checking the file|File checked/).first()).toBeVisible({
    timeout: PIPELINE_MS,
  });
  await inspect(page, 'studio-title');
  await expect(pipeline.getByRole('status')).toHaveText('Published', { timeout: PIPELINE_MS });
  await expect(pipeline.getByText('Playback checked')).toBeVisible();
  await expect(page.getByText('Transcoding costs Marquee at most')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Play', exact: true })).toBeVisible();

  await page.getByRole('link', { name: 'My titles' }).first().click();
  await expect(page.getByRole('link', { name })).toBeVisible();
  await inspect(page, 'my-titles');
  expect(watched.errors).toEqual([]);
});
