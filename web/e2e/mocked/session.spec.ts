import type { Page } from '@playwright/test';
import { PASSWORD } from '../../mock/server.ts';
import { inspect } from '../pages.ts';
import { expect, signInAs, test } from './fixtures.ts';

/** Ends the session on the service, as signing out everywhere on another device does. */
async function endSession(page: Page): Promise<{ restore: () => Promise<void> }> {
  const refused = { status: 401, contentType: 'application/problem+json', body: '{"type":"/problems/unauthorized"}' };
  await page.route(/\/api\/(?!auth\/sign)/, (route) => route.fulfill(refused));
  return { restore: () => page.unroute(/\/api\/(?!auth\/sign)/) };
}

test('an expired session keeps the page and the typed text', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  await page.getByRole('textbox', { name: 'Name' }).fill('Half an Hour');
  await page.getByRole('textbox', { name: 'Description' }).fill('Not sent yet.');

  const session = await endSession(page);
  await page.getByRole('button', { name: 'Save as draft' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  await expect(page.getByText('You were signed out. Sign in to continue.')).toBeVisible();
  await inspect(page, 'session-ended');

  await session.restore();
  await page.getByLabel('Email').fill('creator@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/upload');
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Half an Hour');
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Not sent yet.');
});

test('the typed email address is carried over to the forgot-password page', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill('ada@example.com');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await expect(page.getByLabel('Email')).toHaveValue('ada@example.com');

  // A deleted email address does not reappear.
  await page.goto('/sign-in?email=ada@example.com');
  await page.getByLabel('Email').fill('');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await expect(page.getByLabel('Email')).toHaveValue('');
});
