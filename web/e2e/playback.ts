import { expect, type Page } from '@playwright/test';

export const playOrResume = /^(Play|Resume at .*)$/;

/** Opens a film from the home page. Scrolls to load more films until it is listed. */
export async function openFilm(page: Page, name: string): Promise<void> {
  const allFilms = page.getByRole('region', { name: 'All films' });
  const film = allFilms.getByRole('link', { name });
  await expect(async () => {
    if ((await film.count()) === 0) await allFilms.getByRole('listitem').last().scrollIntoViewIfNeeded();
    expect(await film.count()).toBe(1);
  }).toPass({ timeout: 120_000 });
  await film.click();
}

/** Waits until the film plays. */
export async function expectPlaying(page: Page): Promise<void> {
  const position = () => page.locator('video').evaluate((element: HTMLVideoElement) => element.currentTime);
  await expect(page.locator('video')).toBeVisible();
  const before = await position();
  await expect.poll(position, { timeout: 120_000 }).toBeGreaterThan(before + 0.5);
}

export function videoHeight(page: Page): Promise<number> {
  return page
    .locator('video')
    .evaluate((element: HTMLVideoElement) => Math.min(element.videoWidth, element.videoHeight));
}
