import { expect, test } from '@playwright/test';
import { signInAsNew } from './api';
import { inspect, watchErrors } from './pages';
import { firstAdmin, newPerson, signIn, signUp } from './people';

test('the front of the house is for everybody', async ({ page }) => {
  const watched = watchErrors(page);
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Your film, in lights' })).toBeVisible();
  await inspect(page, 'landing');

  await page.goto('/sign-up');
  await expect(page.getByRole('heading', { name: 'Take a seat' })).toBeVisible();
  await inspect(page, 'sign-up');

  await page.goto('/confirm');
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();
  await inspect(page, 'confirm');

  await page.goto('/no/such/page');
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await inspect(page, 'not-found');
  expect(watched.errors).toEqual([]);
});

test('one signs in first, and then is where one wanted to be', async ({ page }) => {
  await page.goto('/titles/0197a000-0000-7000-8000-00000000ffff');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await page.getByLabel('E-mail').fill('nobody@example.org');
  await page.getByLabel('Password').fill('Not-my-password-1');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('That did not match');
  await inspect(page, 'sign-in');

  const person = newPerson('Nils Next');
  await signUp(page, person, 'watch');
  await page.goto('/titles/0197a000-0000-7000-8000-00000000ffff');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page).toHaveTitle(/Marquee/);
  await inspect(page, 'missing-title');
});

test('a viewer is told what is not for viewers', async ({ page }) => {
  await signInAsNew(page, 'Vera Viewer', 'watch');
  for (const path of ['/admin', '/admin/recommender']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'Not yours to see' })).toBeVisible();
  }
  for (const path of ['/upload', '/studio']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'For creators' })).toBeVisible();
  }
  await inspect(page, 'forbidden');
});

test('a viewer becomes a creator where everybody may publish', async ({ page }) => {
  await signUp(page, newPerson('Vic Viewer'), 'watch');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Start publishing' }).click();
  await page.getByRole('button', { name: 'Start publishing' }).click();
  await expect(page.getByRole('heading', { name: 'Upload a film' })).toBeVisible();
});

test('an admin makes a viewer a creator and finds it in the audit log', async ({ page }) => {
  const viewer = newPerson('Vera Found');
  await signUp(page, viewer, 'watch');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await signIn(page, firstAdmin());
  await page.goto('/admin/people');
  await page.getByRole('searchbox', { name: 'Beginning of an e-mail address' }).fill(viewer.email);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('button', { name: `Change ${viewer.name}` }).click();
  await page.getByRole('menuitem', { name: 'Make a creator' }).click();
  await expect(page.getByText('Creator', { exact: true })).toBeVisible();
  await inspect(page, 'admin-people');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByText('granted a role').first()).toBeVisible();
  await inspect(page, 'admin-audit');
});

test('an admin sees the pipelines of all', async ({ page }) => {
  const watched = watchErrors(page);
  await signIn(page, firstAdmin());
  await page.getByRole('link', { name: 'Pipelines' }).click();
  await expect(page.getByRole('heading', { name: 'Pipelines' })).toBeVisible();
  for (const state of ['Published', 'Failed', 'Draft', 'Processing']) {
    await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: state }).click();
    await expect(
      page.getByRole('table').or(page.getByRole('heading', { name: `No ${state.toLowerCase()} titles` })),
    ).toBeVisible();
  }
  await inspect(page, 'admin');
  expect(watched.errors).toEqual([]);
});

test('everything fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signInAsNew(page, 'Pia Phone', 'publish');
  for (const [path, name, shows] of [
    ['/', 'phone-home', 'Everything'],
    ['/upload', 'phone-upload', 'Drop your film here'],
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

test('a lost connection is said, and what was asked for comes with it', async ({ page, context }) => {
  await signInAsNew(page, 'Otto Offline', 'watch');
  await context.setOffline(true);
  await expect(page.getByText('You are offline.', { exact: false })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('You are offline.', { exact: false })).toHaveCount(0);
});
