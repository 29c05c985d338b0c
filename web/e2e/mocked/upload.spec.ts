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

type Chosen = Parameters<typeof chooseFile>[2];

async function startUpload(page: Page, name: string, file: Chosen = film('film.mp4', 20)): Promise<void> {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  await chooseFile(page, 'Choose a file', file);
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create and upload' }).click();
  // The upload begins before its page is there.
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** What the page asks of the service and of the bucket from now on, but for the session and for what it only reads. */
function recordRequests(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() !== 'GET' && !pathname.includes('/auth/')) sent.push(`${request.method()} ${pathname}`);
  });
  return sent;
}

/** Lets the first part through and keeps the others on their way. */
async function holdParts(page: Page) {
  const held: Route[] = [];
  let holding = true;
  // The progress counts what was sent: only the bucket's answer says that the part is there.
  const first = page.waitForResponse((response) => /\/mock-bucket\/[^/]+\/1$/.test(response.url()) && response.ok());
  await page.route(/\/mock-bucket\//, async (route) => {
    if (holding && !route.request().url().endsWith('/1')) held.push(route);
    else await route.continue();
  });
  return {
    first,
    /** The parts that are on their way arrive. */
    release: async () => {
      holding = false;
      await Promise.all(held.splice(0).map((route) => route.continue().catch(() => undefined)));
    },
    /** The parts that are on their way are lost. */
    lose: async () => {
      holding = false;
      await Promise.all(held.splice(0).map((route) => route.abort('internetdisconnected').catch(() => undefined)));
    },
  };
}

/** Begins an upload whose first part is there; the others are on their way. */
async function startHeldUpload(page: Page, name: string, file?: Chosen) {
  const parts = await holdParts(page);
  await startUpload(page, name, file);
  await parts.first;
  return parts;
}

test('an upload survives an outage in the middle of its parts, without a click', async ({ page, context }) => {
  const parts = await startHeldUpload(page, 'Through the tunnel');
  const upload = page.getByRole('region', { name: 'Upload' });

  await context.setOffline(true);
  await parts.lose();
  await expect(upload.getByText('Waiting for the connection. The upload continues by itself.')).toBeVisible();
  await expect(page.getByRole('link', { name: /^Upload of film.mp4/ })).toContainText('waiting');
  // The step's clock stands still for as long as nothing is sent.
  const clock = page.getByRole('region', { name: 'Pipeline' }).getByRole('listitem').first().locator('time');
  const before = (await clock.count()) > 0 ? await clock.textContent() : undefined;
  await page.waitForTimeout(4_000);
  if (before !== undefined) expect(await clock.textContent()).toBe(before);

  await context.setOffline(false);
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
});

test('an upload survives a service that is away for a while', async ({ page }) => {
  let away = true;
  await page.route(/\/api\/uploads\/[^/]+\/parts$/, (route) =>
    away ? route.fulfill({ status: 503, json: { message: 'Service Unavailable' } }) : route.continue(),
  );
  await startUpload(page, 'Through the night');
  await expect(page.getByText('The service does not answer right now. The upload continues by itself.')).toBeVisible({
    timeout: 60_000,
  });
  away = false;
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 90_000 });
});

test('an upload whose last answer was lost is not begun again', async ({ page }) => {
  let lost = 0;
  await page.route(/\/api\/uploads\/[^/]+\/complete$/, async (route) => {
    await route.fetch();
    lost += 1;
    await route.abort('connectionreset');
  });
  const begun: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/uploads')) begun.push(request.url());
  });
  await startUpload(page, 'Twice told');
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  expect(lost).toBeGreaterThan(0);
  expect(begun).toHaveLength(1);
});

test('a wrong file is refused before anything is sent, and the right one continues', async ({ page }) => {
  const parts = await startHeldUpload(page, 'The right one');
  const upload = page.getByRole('region', { name: 'Upload' });
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  await parts.lose();
  await expect(upload.getByText(/was interrupted at [1-9]\d?%/)).toBeVisible();

  const sent = recordRequests(page);
  await chooseFile(page, 'Choose a file', film('another.mp4', 20));
  await expect(upload.getByRole('alert')).toContainText('This is not the file whose upload was begun.');
  await chooseFile(page, 'Choose a file', film('film.mp4', 0));
  await expect(upload.getByRole('alert')).toContainText('This file is empty.');
  expect(sent).toEqual([]);

  await chooseFile(page, 'Choose a file', film('film.mp4', 20));
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  expect(sent.filter((each) => each.startsWith('PUT') && each.endsWith('/1'))).toEqual([]);
});

test('the page for uploading continues an upload where it stopped', async ({ page }, testInfo) => {
  // An upload is found again by the date of its file, which only a file on the disk keeps.
  const file = testInfo.outputPath('film.mp4');
  await writeFile(file, film('film.mp4', 20).buffer);
  const parts = await startHeldUpload(page, 'Here again', file);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto('/upload');
  await parts.lose();

  const sent = recordRequests(page);
  await chooseFile(page, 'Choose a file', file);
  await page.getByRole('button', { name: 'Resume that upload' }).click();
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  expect(sent.filter((each) => each.startsWith('PUT'))).not.toEqual([]);
  expect(sent.filter((each) => each.startsWith('PUT') && each.endsWith('/1'))).toEqual([]);
  expect(sent.filter((each) => each.startsWith('POST') && each.endsWith('/uploads'))).toEqual([]);
});

test('an upload that is under way in this tab is not sent twice', async ({ page }, testInfo) => {
  const file = testInfo.outputPath('film.mp4');
  await writeFile(file, film('film.mp4', 20).buffer);
  const parts = await startHeldUpload(page, 'Still here', file);
  await expect(page.getByRole('region', { name: 'Upload' }).getByRole('button', { name: 'Pause' })).toBeVisible();
  // The link keeps the page, and the upload with it.
  await page.getByRole('link', { name: 'Upload', exact: true }).click();
  const sent = recordRequests(page);
  await chooseFile(page, 'Choose a file', file);
  await page.getByRole('button', { name: 'Resume that upload' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Still here' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Upload' }).getByRole('button', { name: 'Pause' })).toBeVisible();
  expect(sent).toEqual([]);
  await parts.release();
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
});

/** Cancels the upload, reads that this failed, and keeps it. */
async function failToCancel(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Upload' }).getByRole('button', { name: 'Cancel upload' }).click();
  const asked = page.getByRole('alertdialog');
  await asked.getByRole('button', { name: 'Cancel the upload' }).click();
  await expect(asked.getByRole('alert')).toBeVisible();
  await asked.getByRole('button', { name: 'Keep uploading' }).click();
  await expect(asked).toHaveCount(0);
}

test('an upload that the service could not cancel goes on', async ({ page }) => {
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

test('an upload that could not be canceled for want of a connection goes on with it', async ({ page, context }) => {
  const parts = await startHeldUpload(page, 'Second thoughts in a tunnel');
  await context.setOffline(true);
  await parts.lose();
  const waits = page.getByText('Waiting for the connection. The upload continues by itself.');
  await expect(waits).toBeVisible();
  await failToCancel(page);
  await expect(waits).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
});

test('a paused upload stays paused through an outage, until it is resumed', async ({ page, context }) => {
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
  // Longer than the first wait after an outage; nothing is waited for.
  await page.waitForTimeout(3_000);
  await expect(paused).toBeVisible();
  expect(sent).toEqual([]);

  await upload.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  expect(sent.filter((each) => each.startsWith('PUT') && each.endsWith('/1'))).toEqual([]);
});

test('an upload that is canceled while it begins is not sent', async ({ page }) => {
  let begins = () => {};
  const begun = new Promise<void>((resolve) => {
    begins = resolve;
  });
  await page.route(/\/api\/titles\/[^/]+\/uploads$/, async (route) => {
    await begun;
    await route.continue();
  });
  const sent = recordRequests(page);
  await startUpload(page, 'Never mind');
  const upload = page.getByRole('region', { name: 'Upload' });
  await expect(upload.getByText('Getting ready…')).toBeVisible();
  await upload.getByRole('button', { name: 'Cancel upload' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the upload' }).click();

  begins();
  await expect.poll(() => sent.filter((each) => each.startsWith('DELETE'))).toHaveLength(1);
  await expect(page.getByText('Drop your film here')).toBeVisible();
  await expect(page.getByText('Draft', { exact: true })).toBeVisible();
  expect(sent.filter((each) => each.startsWith('PUT'))).toEqual([]);
});

test('an upload that was begun in another browser continues in this one', async ({ page, browser, baseURL }) => {
  const parts = await startHeldUpload(page, 'From the train');
  const here = page.getByRole('region', { name: 'Upload' });
  const address = page.url();
  // The first browser is gone in the middle of it.
  await page.context().setOffline(true);
  await parts.lose();
  await expect(here.getByText('Waiting for the connection. The upload continues by itself.')).toBeVisible();

  const context = await browser.newContext({ ...(baseURL && { baseURL }) });
  const other = await context.newPage();
  const sent = recordRequests(other);
  await signInAs(other, 'creator');
  await other.goto(address);
  const upload = other.getByRole('region', { name: 'Upload' });
  await expect(
    upload.getByText(/was begun on another device or in another browser.* [1-9]\d?% has arrived/),
  ).toBeVisible();
  await inspect(other, 'upload-elsewhere');
  await chooseFile(other, 'Choose a file', film('film.mp4', 19));
  await expect(upload.getByRole('alert')).toContainText('This is not the file whose upload was begun.');
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

test('a file that the service refuses leaves a chooser', async ({ page }) => {
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
