import { expect, type Page, test } from '@playwright/test';
import { inspect, watchErrors } from './pages';
import { accountMenu, confirm, mailedCode, newPerson, requestCode, signIn, signUp } from './people';

const refresh = '**/api/auth/refresh';

test('signing up leads to the requested page', async ({ page }) => {
  const watched = watchErrors(page);
  const person = newPerson('Dora Deep');
  await page.goto('/account?from=a-link');
  await expect(page).toHaveURL(/sign-in\?next=/);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await requestCode(page, person);
  await inspect(page, 'confirm-filled');

  // The first email is lost.
  await page.getByRole('button', { name: 'Resend code' }).click();
  await expect(page.getByText('Only the latest code works')).toBeVisible();
  await mailedCode(person.email, 2);
  await confirm(page, person, 'watch');

  await expect(page).toHaveURL(/\/account\?from=a-link$/);
  await expect(page.getByRole('heading', { name: 'Dora Deep' })).toBeVisible();
  await inspect(page, 'account');
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('token');
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name === 'marquee-session');
  expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/api/auth' });
  expect(watched.errors).toEqual([]);
});

test('a forgotten password can be reset', async ({ page }) => {
  const person = newPerson('Fay Forgot');
  await signUp(page, person, 'watch');
  await signOut(page, 'Fay Forgot');

  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // The previous page has a field with the same name.
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  await page.getByLabel('Email').fill(person.email);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible();
  await inspect(page, 'reset-password');
  await page.getByLabel('Code').fill(await mailedCode(person.email, 2));
  await page.getByLabel('New password').fill('another horse, another battery');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(accountMenu(page, person)).toBeVisible();

  await signOut(page, 'Fay Forgot');
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Could not sign in');
});

test('changing the password and signing out everywhere end other sessions', async ({ page, browser }) => {
  const person = newPerson('Cleo Change');
  await signUp(page, person, 'watch');
  const elsewhere = await browser.newPage();
  await signIn(elsewhere, person);

  await page.goto('/account');
  await page.getByLabel('Current password').fill(person.password);
  await page.getByLabel('New password').fill('another horse, another battery');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Password changed.')).toBeVisible();
  await elsewhere.goto('/account');
  await expect(elsewhere).toHaveURL(/\/sign-in\?next=%2Faccount/);
  await elsewhere.close();

  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.getByRole('heading', { name: 'Your film, in lights' })).toBeVisible();
});

test('an expired session keeps the page and the typed text', async ({ page }) => {
  const person = newPerson('Ella Ended');
  await signUp(page, person, 'publish');
  await page.goto('/upload');
  await page.getByRole('textbox', { name: 'Name' }).fill('Half an Hour');
  await page.getByLabel('Description').fill('Not sent yet.');
  await page.context().clearCookies({ name: 'marquee-session' });
  await page.route('**/api/titles', (route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
  await page.getByRole('button', { name: 'Save as draft' }).click();

  await expect(page).toHaveURL(/\/sign-in\?next=%2Fupload/);
  await expect(page.getByText('You were signed out. Sign in to continue.')).toBeVisible();
  await page.unroute('**/api/titles');
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/upload$/);
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Half an Hour');
  await expect(page.getByLabel('Description')).toHaveValue('Not sent yet.');
});

test('two tabs that refresh at the same time stay signed in', async ({ page, context }) => {
  const person = newPerson('Tara Twice');
  await signUp(page, person, 'watch');
  const second = await context.newPage();
  const refreshed = [page, second].map((tab) => tab.waitForResponse(refresh));
  await Promise.all([page.goto('/account'), second.goto('/account')]);

  for (const response of await Promise.all(refreshed)) expect(response.status()).toBe(200);
  for (const tab of [page, second]) await expect(tab.getByRole('heading', { name: 'Tara Twice' })).toBeVisible();
});

async function signOut(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `Account: ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Your film, in lights' })).toBeVisible();
}
