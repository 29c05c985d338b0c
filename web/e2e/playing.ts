import { expect, type Page } from '@playwright/test';

export const playOrResume = /^(Play|Resume at .*)$/;

/** The film moves on. */
export async function plays(page: Page): Promise<void> {
  const position = () => page.locator('video').evaluate((element: HTMLVideoElement) => element.currentTime);
  await expect(page.locator('video')).toBeVisible();
  const before = await position();
  await expect.poll(position, { timeout: 120_000 }).toBeGreaterThan(before + 0.5);
}

export function pictureHeight(page: Page): Promise<number> {
  return page
    .locator('video')
    .evaluate((element: HTMLVideoElement) => Math.min(element.videoWidth, element.videoHeight));
}
