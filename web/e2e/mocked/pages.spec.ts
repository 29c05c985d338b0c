import type { Page } from '@playwright/test';
import { inspect } from '../pages.ts';
import { openFilm } from '../playback.ts';
import { expect, signInAs, test } from './fixtures.ts';

const film = '0197a000-0000-7000-8000-000000000001';

/** Changes the responses about a title. */
async function withTitle(page: Page, change: object): Promise<void> {
  await page.route(`**/api/titles/${film}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), ...change } });
  });
}

test.describe('an unknown URL', () => {
  for (const path of ['/no/such/page', '/titles/nope', '/studio/nope', `/titles/${film.replace(/1$/, 'ffff')}`]) {
    test(`shows "not found" inside the app shell: ${path}`, async ({ page }) => {
      await signInAs(page, 'creator');
      const requests: string[] = [];
      page.on('request', (request) => {
        if (request.url().includes('/nope')) requests.push(new URL(request.url()).pathname);
      });
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1, name: /not found/i })).toBeVisible();
      await expect(page.getByRole('navigation', { name: 'Main' }).first()).toBeVisible();
      await expect(page).toHaveTitle(/not found · Marquee/i);
      expect(requests.filter((each) => each.startsWith('/api/'))).toEqual([]);
      await inspect(page, `not-found${path.replaceAll(/\W+/g, '-').slice(0, 20)}`);
    });
  }

  test('shows "not found" and a link home to signed-out users', async ({ page }) => {
    await page.goto('/no/such/page');
    await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Marquee, home' })).toBeVisible();
  });

  test('can be an unknown genre', async ({ page }) => {
    await signInAs(page, 'viewer');
    await page.goto('/?genre=doesnotexist');
    await expect(page.getByRole('heading', { level: 1, name: 'Genre not found' })).toBeVisible();
    await page.goto('/?genre=action');
    await expect(page.getByText('There are no films in Action yet.')).toBeVisible();
  });
});

test.describe('the player', () => {
  // The film never loads in these tests: other tests check playback itself.
  test.beforeEach(async ({ page }) => {
    await page.route('**/media/**', () => undefined);
  });

  test('closes with Back and with its button', async ({ page }) => {
    await signInAs(page, 'viewer');
    await page.goto(`/titles/${film}`);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const player = page.getByRole('region', { name: /^Player/ });
    await expect(player).toBeVisible();
    await page.goBack();
    await expect(player).toHaveCount(0);
    await expect(page).toHaveURL(`/titles/${film}`);

    const steps = await page.evaluate(() => history.length);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await expect(player).toBeVisible();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect(player).toHaveCount(0);
    await expect(page).toHaveURL(`/titles/${film}`);
    // Closing removed the player's history entry, so Back leaves the page.
    await page.goBack();
    await expect(page).not.toHaveURL(`/titles/${film}`);
    expect(await page.evaluate(() => history.length)).toBe(steps);
  });

  test('handles its shortcuts wherever the focus is', async ({ page }) => {
    await signInAs(page, 'viewer');
    await page.goto(`/titles/${film}?play=true`);
    const player = page.getByRole('region', { name: /^Player/ });
    await expect(player).toBeVisible();
    const muted = () => page.locator('video').evaluate((video: HTMLVideoElement) => video.muted);
    const before = await muted();
    await page.getByRole('region', { name: 'About' }).getByText('A lighthouse keeper').click();
    await expect(player).not.toBeFocused();
    await page.keyboard.press('m');
    await expect.poll(muted).toBe(!before);

    // Keys that scroll the page still do so.
    const volume = () => page.locator('video').evaluate((video: HTMLVideoElement) => video.volume);
    const loud = await volume();
    await page.keyboard.press('ArrowDown');
    expect(await volume()).toBe(loud);
    await page.keyboard.press('Shift+?');
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  });

  test('shows its menus on a phone, and fills the screen in landscape', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await signInAs(page, 'viewer');
    await page.goto(`/titles/${film}?play=true`);
    const player = page.getByRole('region', { name: /^Player/ });
    await expect(player.getByRole('button', { name: /^Speed/ })).toBeVisible();
    await expect(player.getByRole('button', { name: 'Back 10 seconds' })).toBeVisible();
    await inspect(page, 'phone-player');

    await page.setViewportSize({ width: 844, height: 390 });
    await expect(page.getByRole('banner')).toBeHidden();
    const box = await player.boundingBox();
    expect(box?.y).toBe(0);
    expect(box?.height).toBe(390);
    await page.screenshot({ path: 'e2e/output/phone-player-landscape.png' });
  });

  test('shows errors completely on small screens', async ({ page }) => {
    await page.unroute('**/media/**');
    await page.route('**/media/**', (route) => route.fulfill({ status: 403 }));
    await signInAs(page, 'viewer');
    await page.goto(`/titles/${film}?play=true`);
    const player = page.getByRole('region', { name: /^Player/ });
    const alert = player.getByRole('alert');
    for (const [width, height] of [
      [740, 360],
      [600, 900],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const part of [alert.getByRole('heading'), alert.getByRole('button', { name: 'Try again' })]) {
        await expect(part).toBeInViewport({ ratio: 1 });
      }
      const [outer, inner] = [await player.boundingBox(), await alert.boundingBox()];
      expect(inner?.height).toBeLessThanOrEqual(outer?.height ?? 0);
    }
    await inspect(page, 'phone-player-problem');
  });
});

test.describe('a published title', () => {
  for (const [visibility, says, link] of [
    ['public', 'Published', true],
    ['unlisted', 'Published: anyone with the link can watch', true],
    ['private', 'Published: only you can watch', false],
  ] as const) {
    test(`that is ${visibility} says who can watch it`, async ({ page, context }) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await withTitle(page, { visibility });
      await signInAs(page, 'creator');
      await page.goto(`/studio/${film}`);
      await expect(page.getByRole('region', { name: 'Pipeline' }).getByRole('status')).toHaveText(says);
      const copy = page.getByRole('button', { name: 'Copy link' });
      await expect(copy).toHaveCount(link ? 1 : 0);
      if (!link) return;
      await copy.click();
      await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
        new URL(`/titles/${film}`, page.url()).href,
      );
    });
  }
});

test.describe('unsaved text', () => {
  test('is not lost on Esc', async ({ page }) => {
    await signInAs(page, 'creator');
    await page.goto('/studio');
    await page.getByRole('button', { name: 'Actions for Half an Idea' }).click();
    await page.getByRole('menuitem', { name: 'Edit details' }).click();
    const form = page.getByRole('dialog', { name: 'Edit details' });
    await form.getByRole('textbox', { name: 'Name' }).fill('A whole idea');
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Keep editing' }).click();
    await expect(form.getByRole('textbox', { name: 'Name' })).toHaveValue('A whole idea');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form).toHaveCount(0);
    await expect(page.getByRole('link', { name: 'A whole idea' })).toBeVisible();
  });

  test('is not lost on a link to another page', async ({ page }) => {
    await signInAs(page, 'creator');
    await page.goto('/upload');
    await page.getByRole('textbox', { name: 'Name' }).fill('Harbour');
    await page.getByRole('link', { name: 'My titles' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Keep editing' }).click();
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Harbour');
    await page.getByRole('link', { name: 'My titles' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).click();
    await expect(page.getByRole('heading', { name: 'My titles', level: 1 })).toBeVisible();
  });
});

test('the chosen genre is in view on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signInAs(page, 'viewer');
  await page.goto('/?genre=western');
  const chosen = page.getByRole('navigation', { name: 'Genres' }).getByRole('link', { name: 'Western' });
  await expect(chosen).toHaveAttribute('aria-current', 'page');
  await expect(chosen).toBeInViewport();
});

test('scrolling reaches films beyond the first page of the list', async ({ page }) => {
  await signInAs(page, 'viewer');
  await openFilm(page, 'Polar Postmen');
  await expect(page.getByRole('heading', { level: 1, name: 'Polar Postmen' })).toBeVisible();
});

test('the open title of an admin has a URL', async ({ page }) => {
  await signInAs(page, 'admin');
  await page.goto('/admin?state=failed');
  await page.getByRole('link', { name: 'Interrupted at Sea' }).click();
  await expect(page.getByRole('dialog', { name: 'Interrupted at Sea' })).toBeVisible();
  await page.reload();
  const drawer = page.getByRole('dialog', { name: 'Interrupted at Sea' });
  await expect(drawer.getByRole('region', { name: 'Pipeline' })).toBeVisible();
  await drawer.getByRole('button', { name: 'Close' }).click();
  await expect(drawer).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Interrupted at Sea' })).toBeVisible();
});

test('a tab older than the deployment reloads once', async ({ page }) => {
  await signInAs(page, 'creator');
  let missing = 1;
  await page.route(/\/assets\/studio\.index-[^/]*\.js$/, (route) =>
    missing-- > 0 ? route.fulfill({ status: 404, contentType: 'application/xml', body: '<Error/>' }) : route.continue(),
  );
  await page.getByRole('link', { name: 'My titles' }).click();
  await expect(page.getByRole('heading', { name: 'My titles', level: 1 })).toBeVisible();
  expect(missing).toBeLessThanOrEqual(0);
});

test('a chunk that stays missing shows an error', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.route(/\/assets\/studio\.index-[^/]*\.js$/, (route) =>
    route.fulfill({ status: 404, contentType: 'application/xml', body: '<Error/>' }),
  );
  await page.getByRole('link', { name: 'My titles' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Part of the app could not be loaded' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Marquee, home' })).toBeVisible();
});
