import { expect, test } from '@playwright/test';
import { signInAsNew } from './api';
import { inspect, watchErrors } from './pages';
import { firstAdmin, newPerson, signIn, signUp } from './people';

test('signed-out users see the landing page and the sign-up pages', async ({ page }) => {
  const watched = watchErrors(page);
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Your film, in lights' })).toBeVisible();
  await inspect(page, 'landing');

  await page.goto('/sign-up');
  await expect(page.getByRole('heading', { name: 'Create an account' })).toBeVisible();
  await inspect(page, 'sign-up');

  await page.goto('/confirm');
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible();
  await inspect(page, 'confirm');

  await page.goto('/no/such/page');
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await inspect(page, 'not-found');
  expect(watched.errors).toEqual([]);
});

test('signing in leads back to the requested page', async ({ page }) => {
  await page.goto('/titles/0197a000-0000-7000-8000-00000000ffff');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await page.getByLabel('Email').fill('unknown@example.org');
  await page.getByLabel('Password').fill('Not-my-password-1');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Could not sign in');
  await inspect(page, 'sign-in');

  const person = newPerson('Nils Next');
  await signUp(page, person, 'watch');
  await page.goto('/titles/0197a000-0000-7000-8000-00000000ffff');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page).toHaveTitle(/Marquee/);
  await inspect(page, 'missing-title');
});

test('a viewer sees which pages are not for viewers', async ({ page }) => {
  await signInAsNew(page, 'Vera Viewer', 'watch');
  for (const path of ['/admin', '/admin/recommender']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'You don’t have access' })).toBeVisible();
  }
  for (const path of ['/upload', '/studio']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'Only for creators' })).toBeVisible();
  }
  await inspect(page, 'forbidden');
});

test('a viewer becomes a creator where everyone may publish', async ({ page }) => {
  await signUp(page, newPerson('Vic Viewer'), 'watch');
  await page.getByRole('button', { name: /^Account:/ }).click();
  await page.getByRole('menuitem', { name: 'Start publishing' }).click();
  await page.getByRole('button', { name: 'Start publishing' }).click();
  await expect(page.getByRole('heading', { name: 'Upload a film' })).toBeVisible();
});

test('an admin makes a viewer a creator, and the audit log shows it', async ({ page }) => {
  const viewer = newPerson('Vera Found');
  await signUp(page, viewer, 'watch');
  await page.getByRole('button', { name: /^Account:/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await signIn(page, firstAdmin());
  await page.goto('/admin/people');
  await page.getByRole('searchbox', { name: 'Start of an email address' }).fill(viewer.email);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('button', { name: `Change ${viewer.name}` }).click();
  await page.getByRole('menuitem', { name: 'Make creator' }).click();
  await expect(page.getByText('Creator', { exact: true })).toBeVisible();
  await inspect(page, 'admin-people');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByText('granted a role').first()).toBeVisible();
  await inspect(page, 'admin-audit');
});

test('an admin sees all titles', async ({ page }) => {
  const watched = watchErrors(page);
  await signIn(page, firstAdmin());
  await page.getByRole('link', { name: 'Admin' }).click();
  await expect(page.getByRole('heading', { name: 'Titles' })).toBeVisible();
  for (const [state, empty] of [
    ['Published', 'Nothing is published'],
    ['Failed', 'Nothing has failed'],
    ['Draft', 'There are no drafts'],
    ['Processing', 'Nothing is being processed'],
  ] as const) {
    await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: state }).click();
    await expect(page.getByRole('table').or(page.getByRole('heading', { name: empty }))).toBeVisible();
  }
  await inspect(page, 'admin');
  expect(watched.errors).toEqual([]);
});

test('all pages fit a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signInAsNew(page, 'Pia Phone', 'publish');
  for (const [path, name, shows] of [
    ['/', 'phone-home', 'All films'],
    ['/upload', 'phone-upload', 'Drop your film here, or choose a file'],
    ['/studio', 'phone-studio', 'Your first film goes here'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByText(shows, { exact: true })).toBeVisible();
    await expect(page.locator('.skeleton')).toHaveCount(0);
    const wider = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await expect.poll(wider, `${path} scrolls sideways`).toBe(0);
    await inspect(page, name);
  }
});

test('the offline notice appears and disappears with the connection', async ({ page, context }) => {
  await signInAsNew(page, 'Otto Offline', 'watch');
  await context.setOffline(true);
  await expect(page.getByText('You are offline.', { exact: false })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('You are offline.', { exact: false })).toHaveCount(0);
});
