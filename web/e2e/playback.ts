import { expect, type Page } from '@playwright/test';

export const playOrResume = /^(Play|Resume at .*)$/;

/** Opens a film from the home page, however many are newer: more are shown as the end of the list is reached. */
export async function openFilm(page: Page, name: string): Promise<void> {
  const everything = page.getByRole('region', { name: 'Everything' });
  const film = everything.getByRole('link', { name });
  await expect(async () => {
    if ((await film.count()) === 0) await everything.getByRole('listitem').last().scrollIntoViewIfNeeded();
    expect(await film.count()).toBe(1);
  }).toPass({ timeout: 120_000 });
  await film.click();
}

/** The film moves on. */
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
