import { expect, test } from '@playwright/test';
import { publishedFilm, signInAsNew } from './api';
import { inspect, watchErrors } from './pages';
import { expectPlaying, openFilm, playOrResume, videoHeight } from './playback';

test('a viewer finds a film and watches it', async ({ page }) => {
  const watched = watchErrors(page);
  const { name, creator } = publishedFilm();
  await signInAsNew(page, 'Wim Watcher', 'watch');
  await expect(page.getByRole('link', { name: 'Upload', exact: true })).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'All films' })).toBeVisible();
  await inspect(page, 'home');

  await openFilm(page, name);
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await expect(page.getByText(`by ${creator.name}`)).toBeVisible();
  await inspect(page, 'title');

  await page.getByRole('button', { name: playOrResume }).click();
  await expectPlaying(page);
  // On a busy machine the film may end before the test does, and then loads nothing more: loop it.
  const video = page.locator('video');
  await video.evaluate((element: HTMLVideoElement) => {
    element.loop = true;
  });
  await inspect(page, 'playing');

  // The quality menu changes the rung.
  const player = page.getByRole('region', { name: /^Player/ });
  await player.hover();
  await player.getByRole('button', { name: /^Quality/ }).click();
  const rungs = page.getByRole('menuitemradio');
  expect(await rungs.count()).toBeGreaterThan(2);
  const lowest = rungs.last();
  const height = Number(/^(\d+)p/.exec((await lowest.textContent()) ?? '')?.[1]);
  // Playback may have started with the lowest rung.
  await expect.poll(() => videoHeight(page), { timeout: 120_000 }).toBeGreaterThan(height);
  await lowest.click();
  await expect.poll(() => videoHeight(page), { timeout: 120_000 }).toBe(height);
  await expectPlaying(page);

  // Keyboard shortcuts.
  await player.focus();
  await page.keyboard.press('k');
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.paused)).toBe(true);
  await page.keyboard.press('5');
  await expect
    .poll(() =>
      video.evaluate(({ currentTime, duration }: HTMLVideoElement) => Math.round((currentTime / duration) * 10)),
    )
    .toBe(5);
  await page.keyboard.press('m');
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.muted)).toBe(true);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await inspect(page, 'shortcuts');
  await page.keyboard.press('Escape');
  await expect(player).toBeFocused();
  await page.keyboard.press('k');
  await expectPlaying(page);
  expect(watched.errors).toEqual([]);
});

test('a refused token is replaced once, and a second refusal shows an error', async ({ page }) => {
  await signInAsNew(page, 'Wim Watcher', 'watch');
  await page.goto(`/titles/${publishedFilm().titleId}`);
  const requests: string[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('/playback')) requests.push(response.url());
  });
  let refusals = 1;
  await page.route(/\/media\/.*\.(m4s|cmfv|ts)$/, async (route) => {
    if (refusals-- > 0) await route.fulfill({ status: 403, body: 'refused' });
    else await route.continue();
  });

  await page.getByRole('button', { name: playOrResume }).click();
  await expectPlaying(page);
  expect(requests).toHaveLength(2);

  refusals = Number.POSITIVE_INFINITY;
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('The film could not be started');
  await inspect(page, 'refused-film');
  refusals = 0;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectPlaying(page);
});

test('menus and help also work in full screen', async ({ page }) => {
  await signInAsNew(page, 'Wim Watcher', 'watch');
  await page.goto(`/titles/${publishedFilm().titleId}`);
  await page.getByRole('button', { name: playOrResume }).click();
  await expectPlaying(page);
  await page.keyboard.press('f');
  await expect
    .poll(() => page.evaluate(() => document.fullscreenElement?.getAttribute('aria-label')))
    .toContain('Player');

  const player = page.getByRole('region', { name: /^Player/ });
  await player.hover();
  await player.getByRole('button', { name: /^Speed/ }).click();
  await page.getByRole('menuitemradio', { name: '1.5×' }).click();
  await expect
    .poll(() => page.locator('video').evaluate((element: HTMLVideoElement) => element.playbackRate))
    .toBe(1.5);
  await expect(player.getByRole('button', { name: /^Speed/ })).toBeFocused();
  await page.keyboard.press('?');
  await expect(player.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.screenshot({ path: 'e2e/output/full-screen.png' });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a viewer resumes a film, likes it, and finds it on the home page with a reason', async ({ page }) => {
  const watched = watchErrors(page);
  const { name, titleId } = publishedFilm();
  await signInAsNew(page, 'Resa Resumes', 'watch');
  await page.goto(`/titles/${titleId}`);
  await page.getByRole('button', { name: playOrResume }).click();
  await expectPlaying(page);
  const player = page.getByRole('region', { name: /^Player/ });
  await player.focus();
  await page.keyboard.press('4');
  await expectPlaying(page);
  const paused = page.waitForResponse((response) => response.url().endsWith('/progress') && response.ok());
  await page.keyboard.press('k');
  await paused;
  const stopped = await page.locator('video').evaluate((element: HTMLVideoElement) => element.currentTime);
  await page.getByRole('button', { name: 'Close' }).click();

  const like = page.getByRole('button', { name: 'Like', exact: true });
  await like.click();
  await expect(like).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('button', { name: /^Resume at 0:/ })).toBeVisible();
  await inspect(page, 'title-started');

  await page.goto('/');
  const continueWatching = page.getByRole('region', { name: 'Continue watching' });
  await expect(continueWatching.getByText('Less than a minute left')).toBeVisible();
  await expect(continueWatching.getByRole('link', { name: new RegExp(name) })).toBeVisible();
  await continueWatching.scrollIntoViewIfNeeded();
  await inspect(page, 'home-started');
  await continueWatching.getByRole('link', { name: new RegExp(name) }).click();
  await expectPlaying(page);
  const resumed = await page.locator('video').evaluate((element: HTMLVideoElement) => element.currentTime);
  expect(resumed).toBeGreaterThan(stopped - 1);

  // "Not interested" removes the film from the row, and undo restores it.
  await page.goto('/');
  await continueWatching.getByRole('link', { name: new RegExp(name) }).hover();
  await continueWatching.getByRole('button', { name: /^Options for/ }).click();
  await page.getByRole('menuitem', { name: 'Not interested' }).click();
  await expect(continueWatching.getByText('We won’t recommend this again.')).toBeVisible();
  await inspect(page, 'home-not-interested');
  await continueWatching.getByRole('button', { name: 'Undo' }).click();
  await expect(continueWatching.getByRole('link', { name: new RegExp(name) })).toBeVisible();
  expect(watched.errors).toEqual([]);
});
