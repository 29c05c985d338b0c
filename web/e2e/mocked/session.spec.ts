import type { Page } from '@playwright/test';
import { PASSWORD } from '../../mock/server.ts';
import { inspect } from '../pages.ts';
import { expect, signInAs, test } from './fixtures.ts';

/** The service knows the session no longer, as after signing out everywhere on another device. */
async function endSession(page: Page): Promise<{ letIn: () => Promise<void> }> {
  const refused = { status: 401, contentType: 'application/problem+json', body: '{"type":"/problems/unauthorized"}' };
  await page.route(/\/api\/(?!auth\/sign)/, (route) => route.fulfill(refused));
  return { letIn: () => page.unroute(/\/api\/(?!auth\/sign)/) };
}

test('a session that ends takes neither the place nor what was typed', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  await page.getByRole('textbox', { name: 'Name' }).fill('Half an Hour');
  await page.getByRole('textbox', { name: 'Description' }).fill('Not sent yet.');

  const session = await endSession(page);
  await page.getByRole('button', { name: 'Create a draft' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await expect(page.getByRole('alertdialog')).toHaveCount(0);
  await expect(page.getByText('You were signed out. Sign in to continue.')).toBeVisible();
  await inspect(page, 'session-ended');

  await session.letIn();
  await page.getByLabel('E-mail').fill('creator@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/upload');
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Half an Hour');
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Not sent yet.');
});

test('the address that was typed goes along to the page for a forgotten password', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue('ada@example.com');

  // What was deleted does not come back.
  await page.goto('/sign-in?email=ada@example.com');
  await page.getByLabel('E-mail').fill('');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue('');
});
