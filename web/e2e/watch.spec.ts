import { expect, test } from '@playwright/test';
import { publishedFilm, signInAsNew } from './api';
import { inspect, watchErrors } from './pages';
import { expectPlaying, openFilm, playOrResume, videoHeight } from './playback';

test('a viewer finds a film and watches it', async ({ page }) => {
  const watched = watchErrors(page);
  const { name, creator } = publishedFilm();
  await signInAsNew(page, 'Wim Watcher', 'watch');
  await expect(page.getByRole('link', { name: 'Upload', exact: true })).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Everything' })).toBeVisible();
  await inspect(page, 'home');

  await openFilm(page, name);
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await expect(page.getByText(`by ${creator.name}`)).toBeVisible();
  await inspect(page, 'title');

  await page.getByRole('button', { name: playOrResume }).click();
  await expectPlaying(page);
  // On a loaded machine the film may be over before all is done, and nothing is loaded at its end: it begins again.
  const video = page.locator('video');
  await video.evaluate((element: HTMLVideoElement) => {
    element.loop = true;
  });
  await inspect(page, 'playing');

  // The rung follows the menu.
  const player = page.getByRole('region', { name: /^Player/ });
  await player.hover();
  await player.getByRole('button', { name: /^Quality/ }).click();
  const rungs = page.getByRole('menuitemradio');
  expect(await rungs.count()).toBeGreaterThan(2);
  const lowest = rungs.last();
  const height = Number(/^(\d+)p/.exec((await lowest.textContent()) ?? '')?.[1]);
  // It may have begun with the lowest one.
  await expect.poll(() => videoHeight(page), { timeout: 120_000 }).toBeGreaterThan(height);
  await lowest.click();
  await expect.poll(() => videoHeight(page), { timeout: 120_000 }).toBe(height);
  await expectPlaying(page);

  // The keyboard.
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

test('a refused token is replaced once, and a lasting refusal is said in words', async ({ page }) => {
  await signInAsNew(page, 'Wim Watcher', 'watch');
  await page.goto(`/titles/${publishedFilm().titleId}`);
  const asked: string[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('/playback')) asked.push(response.url());
  });
  let refusals = 1;
  await page.route(/\/media\/.*\.(m4s|cmfv|ts)$/, async (route) => {
    if (refusals-- > 0) await route.fulfill({ status: 403, body: 'refused' });
    else await route.continue();
  });

  await page.getByRole('button', { name: playOrResume }).click();
  await expectPlaying(page);
  expect(asked).toHaveLength(2);

  refusals = Number.POSITIVE_INFINITY;
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('The film was refused');
  await inspect(page, 'refused-film');
  refusals = 0;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectPlaying(page);
});

test('menus and help work on the full screen too', async ({ page }) => {
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

test('who stopped goes on there, likes it, and finds it on the home page with its reason', async ({ page }) => {
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
  await inspect(page, 'title-begun');

  await page.goto('/');
  const begun = page.getByRole('region', { name: 'Continue watching' });
  await expect(begun.getByText('Less than a minute left')).toBeVisible();
  await expect(begun.getByRole('link', { name: new RegExp(name) })).toBeVisible();
  await begun.scrollIntoViewIfNeeded();
  await inspect(page, 'home-begun');
  await begun.getByRole('link', { name: new RegExp(name) }).click();
  await expectPlaying(page);
  const resumed = await page.locator('video').evaluate((element: HTMLVideoElement) => element.currentTime);
  expect(resumed).toBeGreaterThan(stopped - 1);

  // Not interested: it is gone from the row, and back when that is taken back.
  await page.goto('/');
  await begun.getByRole('link', { name: new RegExp(name) }).hover();
  await begun.getByRole('button', { name: /^About recommending/ }).click();
  await page.getByRole('menuitem', { name: 'Not interested' }).click();
  await expect(begun.getByText('You will not be shown this again.')).toBeVisible();
  await inspect(page, 'home-not-interested');
  await begun.getByRole('button', { name: 'Undo' }).click();
  await expect(begun.getByRole('link', { name: new RegExp(name) })).toBeVisible();
  expect(watched.errors).toEqual([]);
});
