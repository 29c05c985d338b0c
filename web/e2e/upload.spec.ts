import { expect, type Page, type Route, test } from '@playwright/test';
import { signInAsNew } from './api';
import { textFile } from './films';
import { chooseFile, inspect, PIPELINE_MS, watchErrors } from './pages';

const isPart = (url: URL) => /partNumber=|\/mock-bucket\//.test(url.href);
const partOf = (url: string) =>
  Number(/partNumber=(\d+)|\/mock-bucket\/[^/]+\/(\d+)/.exec(url)?.slice(1).find(Boolean));

async function startUpload(page: Page, name: string, megabytes: number): Promise<void> {
  await signInAsNew(page, 'Ulla Uploader', 'publish');
  await page.goto('/upload');
  await chooseFile(page, 'Choose a file', textFile(megabytes));
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create and upload' }).click();
  // The upload starts before its page has loaded.
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

test('an upload resumes after a reload, and a file that is no film is rejected with a reason', async ({ page }) => {
  const watched = watchErrors(page);
  // The first part arrives; the others are held.
  const held: Route[] = [];
  let holding = true;
  await page.route(isPart, async (route) => {
    if (holding && partOf(route.request().url()) !== 1) held.push(route);
    else await route.continue();
  });
  // Progress counts sent bytes; only the bucket's response confirms the part.
  const first = page.waitForResponse((response) => partOf(response.url()) === 1 && response.ok());
  await startUpload(page, 'Interrupted', 40);
  const upload = page.getByRole('region', { name: 'Upload' });
  await first;
  await inspect(page, 'uploading');

  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  holding = false;
  await Promise.all(held.map((route) => route.abort().catch(() => undefined)));
  await expect(upload.getByText(/was interrupted at [1-9]\d?%/)).toBeVisible();
  await inspect(page, 'interrupted');

  const sent: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT' && isPart(new URL(request.url()))) sent.push(partOf(request.url()));
  });
  await chooseFile(page, 'Choose a file', textFile(40));
  const pipeline = page.getByRole('region', { name: 'Pipeline' });
  await expect(pipeline.getByText(/Checking the file|File check failed|File checked/).first()).toBeVisible({
    timeout: PIPELINE_MS,
  });
  expect(sent.length).toBeGreaterThan(0);
  expect(sent).not.toContain(1);

  await expect(pipeline.getByText('File check failed').first()).toBeVisible({ timeout: PIPELINE_MS });
  await inspect(page, 'refused');
  expect(watched.errors).toEqual([]);
});

test('an upload can be paused and canceled', async ({ page }) => {
  let holding = true;
  await page.route(isPart, async (route) => {
    if (!holding || partOf(route.request().url()) === 1) await route.continue();
  });
  await startUpload(page, 'Paused', 40);
  const upload = page.getByRole('region', { name: 'Upload' });
  await expect(upload.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow', '0');
  await upload.getByRole('button', { name: 'Pause' }).click();
  await expect(upload.getByText('Paused. Nothing is lost.')).toBeVisible();

  // The indicator shows the upload on other pages.
  await page.getByRole('link', { name: 'Marquee, home' }).click();
  await page.getByRole('link', { name: /^Upload of not-a-film.mp4/ }).click();
  holding = false;
  await upload.getByRole('button', { name: 'Cancel upload' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the upload' }).click();
  await expect(page.getByText('Drop your film here, or choose a file')).toBeVisible();
  await expect(page.getByText('Draft')).toBeVisible();
});
