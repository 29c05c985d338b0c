import { writeFile } from 'node:fs/promises';
import type { Page, Route } from '@playwright/test';
import { chooseFile, inspect } from '../pages.ts';
import { expect, signInAs, test } from './fixtures.ts';

const MEGABYTE = 1024 * 1024;
const film = (name: string, megabytes: number) => ({
  name,
  mimeType: 'video/mp4',
  buffer: Buffer.alloc(megabytes * MEGABYTE),
});

// Most tests wait until the film is published.
test.use({ clockRate: 10 });

type Chosen = Parameters<typeof chooseFile>[2];

async function startUpload(page: Page, name: string, file: Chosen = film('film.mp4', 20)): Promise<void> {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  await chooseFile(page, 'Choose a file', file);
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create and upload' }).click();
  // The upload starts before its page has loaded.
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** Records the page's requests to the service and the bucket, except reads and the session. */
function recordRequests(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() !== 'GET' && !pathname.includes('/auth/')) sent.push(`${request.method()} ${pathname}`);
  });
  return sent;
}

/** Lets the first part through and holds the others. */
async function holdParts(page: Page) {
  const held: Route[] = [];
  let holding = true;
  // Progress counts sent bytes; only the bucket's response confirms the part.
  const first = page.waitForResponse((response) => /\/mock-bucket\/[^/]+\/1$/.test(response.url()) && response.ok());
  await page.route(/\/mock-bucket\//, async (route) => {
    if (holding && !route.request().url().endsWith('/1')) held.push(route);
    else await route.continue();
  });
  return {
    first,
    /** Lets the held parts through. */
    release: async () => {
      holding = false;
      await Promise.all(held.splice(0).map((route) => route.continue().catch(() => undefined)));
    },
    /** Drops the held parts. */
    lose: async () => {
      holding = false;
      await Promise.all(held.splice(0).map((route) => route.abort('internetdisconnected').catch(() => undefined)));
    },
  };
}

/** Starts an upload with the first part uploaded and the others held. */
async function startHeldUpload(page: Page, name: string, file?: Chosen) {
  const parts = await holdParts(page);
  await startUpload(page, name, file);
  await parts.first;
  return parts;
}

test('an upload resumes by itself after the connection was lost', async ({ page, context }) => {
  const parts = await startHeldUpload(page, 'Through the tunnel');
  const upload = page.getByRole('region', { name: 'Upload' });

  await context.setOffline(true);
  await parts.lose();
  await expect(upload.getByText('Waiting for a connection. The upload will resume automatically.')).toBeVisible();
  await expect(page.getByRole('link', { name: /^Upload of film.mp4/ })).toContainText('waiting');
  // The step's clock stops while nothing is sent.
  const clock = page.getByRole('region', { name: 'Pipeline' }).getByRole('listitem').first().locator('time');
  const before = (await clock.count()) > 0 ? await clock.textContent() : undefined;
  await page.waitForTimeout(4_000);
  if (before !== undefined) expect(await clock.textContent()).toBe(before);

  await context.setOffline(false);
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
});

test('an upload resumes by itself after the service was unavailable', async ({ page }) => {
  let unavailable = true;
  await page.route(/\/api\/uploads\/[^/]+\/parts$/, (route) =>
    unavailable ? route.fulfill({ status: 503, json: { message: 'Service Unavailable' } }) : route.continue(),
  );
  await startUpload(page, 'Through the night');
  await expect(page.getByText('Marquee is not responding. The upload will resume automatically.')).toBeVisible({
    timeout: 60_000,
  });
  unavailable = false;
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 90_000 });
});

test('an upload whose last response was lost does not start over', async ({ page }) => {
  let lost = 0;
  await page.route(/\/api\/uploads\/[^/]+\/complete$/, async (route) => {
    await route.fetch();
    lost += 1;
    await route.abort('connectionreset');
  });
  const created: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/uploads')) created.push(request.url());
  });
  await startUpload(page, 'Only once');
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  expect(lost).toBeGreaterThan(0);
  expect(created).toHaveLength(1);
});

test('a wrong file is refused before anything is sent, and the right one resumes', async ({ page }) => {
  const parts = await startHeldUpload(page, 'The right one');
  const upload = page.getByRole('region', { name: 'Upload' });
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  await parts.lose();
  await expect(upload.getByText(/was interrupted at [1-9]\d?%/)).toBeVisible();

  const sent = recordRequests(page);
  await chooseFile(page, 'Choose a file', film('another.mp4', 20));
  await expect(upload.getByRole('alert')).toContainText('This is not the file of the unfinished upload.');
  await chooseFile(page, 'Choose a file', film('film.mp4', 0));
  await expect(upload.getByRole('alert')).toContainText('This file is empty.');
  expect(sent).toEqual([]);

  await chooseFile(page, 'Choose a file', film('film.mp4', 20));
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  expect(sent.filter((each) => each.startsWith('PUT') && each.endsWith('/1'))).toEqual([]);
});

test('the upload page resumes an upload where it stopped', async ({ page }, testInfo) => {
  // Uploads are matched by the file's date, which only a file on disk keeps.
  const file = testInfo.outputPath('film.mp4');
  await writeFile(file, film('film.mp4', 20).buffer);
  const parts = await startHeldUpload(page, 'Here again', file);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto('/upload');
  await parts.lose();

  const sent = recordRequests(page);
  await chooseFile(page, 'Choose a file', file);
  await page.getByRole('button', { name: 'Resume upload' }).click();
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  expect(sent.filter((each) => each.startsWith('PUT'))).not.toEqual([]);
  expect(sent.filter((each) => each.startsWith('PUT') && each.endsWith('/1'))).toEqual([]);
  expect(sent.filter((each) => each.startsWith('POST') && each.endsWith('/uploads'))).toEqual([]);
});

test('an upload running in this tab is not sent twice', async ({ page }, testInfo) => {
  const file = testInfo.outputPath('film.mp4');
  await writeFile(file, film('film.mp4', 20).buffer);
  const parts = await startHeldUpload(page, 'Still here', file);
  await expect(page.getByRole('region', { name: 'Upload' }).getByRole('button', { name: 'Pause' })).toBeVisible();
  // The link does not reload the app, so the upload continues.
  await page.getByRole('link', { name: 'Upload', exact: true }).click();
  const sent = recordRequests(page);
  await chooseFile(page, 'Choose a file', file);
  await page.getByRole('button', { name: 'Resume upload' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Still here' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Upload' }).getByRole('button', { name: 'Pause' })).toBeVisible();
  expect(sent).toEqual([]);
  await parts.release();
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
});

/** Tries to cancel the upload, sees that this failed, and keeps uploading. */
async function failToCancel(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Upload' }).getByRole('button', { name: 'Cancel upload' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: 'Cancel the upload' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await dialog.getByRole('button', { name: 'Keep the upload' }).click();
  await expect(dialog).toHaveCount(0);
}

test('an upload that the service could not cancel continues', async ({ page }) => {
  await page.route(/\/api\/uploads\/[^/]+$/, (route) =>
    route.request().method() === 'DELETE'
      ? route.fulfill({ status: 503, json: { message: 'Service Unavailable' } })
      : route.continue(),
  );
  const parts = await startHeldUpload(page, 'Second thoughts');
  await failToCancel(page);
  await expect(page.getByRole('region', { name: 'Upload' }).getByRole('button', { name: 'Pause' })).toBeVisible();
  await parts.release();
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
});

test('an upload that could not be canceled offline resumes', async ({ page, context }) => {
  const parts = await startHeldUpload(page, 'Second thoughts in a tunnel');
  await context.setOffline(true);
  await parts.lose();
  const waits = page.getByText('Waiting for a connection. The upload will resume automatically.');
  await expect(waits).toBeVisible();
  await failToCancel(page);
  await expect(waits).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
});

test('a paused upload stays paused when the connection is lost', async ({ page, context }) => {
  const parts = await startHeldUpload(page, 'Until tomorrow');
  const upload = page.getByRole('region', { name: 'Upload' });
  await upload.getByRole('button', { name: 'Pause' }).click();
  const paused = upload.getByText('Paused. Nothing is lost.');
  await expect(paused).toBeVisible();

  await context.setOffline(true);
  await parts.lose();
  await expect(page.getByText('You are offline.', { exact: false })).toBeVisible();
  await failToCancel(page);
  const sent = recordRequests(page);
  await context.setOffline(false);
  await expect(page.getByText('You are offline.', { exact: false })).toHaveCount(0);
  // Longer than the first retry delay; nothing is waited for.
  await page.waitForTimeout(3_000);
  await expect(paused).toBeVisible();
  expect(sent).toEqual([]);

  await upload.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  expect(sent.filter((each) => each.startsWith('PUT') && each.endsWith('/1'))).toEqual([]);
});

test('an upload canceled while it starts is not sent', async ({ page }) => {
  let create = () => {};
  const creating = new Promise<void>((resolve) => {
    create = resolve;
  });
  await page.route(/\/api\/titles\/[^/]+\/uploads$/, async (route) => {
    await creating;
    await route.continue();
  });
  const sent = recordRequests(page);
  await startUpload(page, 'Never mind');
  const upload = page.getByRole('region', { name: 'Upload' });
  await expect(upload.getByText('Preparing…')).toBeVisible();
  await upload.getByRole('button', { name: 'Cancel upload' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the upload' }).click();

  create();
  await expect.poll(() => sent.filter((each) => each.startsWith('DELETE'))).toHaveLength(1);
  await expect(page.getByText('Drop your film here, or choose a file')).toBeVisible();
  await expect(page.getByText('Draft', { exact: true })).toBeVisible();
  expect(sent.filter((each) => each.startsWith('PUT'))).toEqual([]);
});

test('an upload started in another browser resumes in this one', async ({ page, browser, baseURL }) => {
  const parts = await startHeldUpload(page, 'From the train');
  const here = page.getByRole('region', { name: 'Upload' });
  const address = page.url();
  // The first browser goes offline halfway.
  await page.context().setOffline(true);
  await parts.lose();
  await expect(here.getByText('Waiting for a connection. The upload will resume automatically.')).toBeVisible();

  const context = await browser.newContext({ ...(baseURL && { baseURL }) });
  const other = await context.newPage();
  const sent = recordRequests(other);
  await signInAs(other, 'creator');
  await other.goto(address);
  const upload = other.getByRole('region', { name: 'Upload' });
  await expect(
    upload.getByText(/was started on another device or in another browser.* [1-9]\d?% is uploaded/),
  ).toBeVisible();
  await inspect(other, 'upload-elsewhere');
  await chooseFile(other, 'Choose a file', film('film.mp4', 19));
  await expect(upload.getByRole('alert')).toContainText('This is not the file of the unfinished upload.');
  await chooseFile(other, 'Choose a file', film('copy of film.mp4', 20));
  await expect(other.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  expect(sent.filter((each) => each.endsWith('/uploads'))).toEqual([]);
  expect(sent.filter((each) => each.startsWith('PUT') && each.endsWith('/1'))).toEqual([]);
  await context.close();
});

test('an empty file creates no draft', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  const created: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/titles')) created.push(request.url());
  });
  await chooseFile(page, 'Choose a file', film('empty.mp4', 0));
  await expect(page.getByRole('alert')).toContainText('This file is empty.');
  await expect(page.getByRole('button', { name: 'Choose a file' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Create and upload' })).toHaveCount(0);
  expect(created).toEqual([]);
});

test('after a refused file the user can choose another', async ({ page }) => {
  await page.route(/\/api\/titles\/[^/]+\/uploads$/, (route) =>
    route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      json: {
        type: '/problems/invalid-fields',
        title: 'Some fields are not valid',
        status: 422,
        detail: 'some fields are not valid',
        instance: '/api',
        request_id: 'r',
        errors: [{ pointer: '/size_bytes', detail: 'must be at most 1 bytes, this file has 20971520' }],
      },
    }),
  );
  await startUpload(page, 'Too much');
  await expect(page.getByText('This file cannot be uploaded')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Choose a file' })).toBeVisible();
});
