import { expect, test } from '@playwright/test';
import { signInAsNew } from './api';
import { accountMenu } from './people';

test('a session survives a reload and ends on sign-out', async ({ page, context }) => {
  const rita = await signInAsNew(page, 'Rita Reload', 'watch');
  const refreshed = page.waitForResponse('**/api/auth/refresh');
  await page.reload();
  expect((await refreshed).ok()).toBe(true);
  await expect(page.getByRole('button', { name: 'Account: Rita Reload' })).toBeVisible();

  const other = await context.newPage();
  await other.goto('/');
  await page.getByRole('button', { name: 'Account: Rita Reload' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Your film, in lights' })).toBeVisible();
  // The other tab signs out too.
  await expect(other.getByRole('heading', { name: 'Your film, in lights' })).toBeVisible();
  await expect(accountMenu(other, rita)).toHaveCount(0);
});
