import type { Page } from '@playwright/test';
import { inspect } from '../pages.ts';
import { expect, signInAs, test } from './site.ts';

interface Names {
  name: string;
  description: string;
  person: string;
  language: string;
}

const odd: Record<string, Names> = {
  long: {
    name: 'The long way home past every lighthouse of the northern coast and back again before the winter comes, as told by the keeper, her son, two ferrymen and a dog that nobody in the village ever owned or fed'.slice(
      0,
      195,
    ),
    description: 'A film about tides. '.repeat(200),
    person: 'Maximiliane-Wilhelmine von Hohenstaufen-Liechtenstein zu Bergen',
    language: 'en',
  },
  unbreakable: {
    name: 'Rindfleischetikettierungsueberwachungsaufgabenuebertragungsg',
    description: 'https://example.org/'.padEnd(400, 'abcdefghij'),
    person: 'W'.repeat(64),
    language: 'de',
  },
  arabic: {
    name: 'رحلة قصيرة عبر الألوان التي لا تنتهي في مساء طويل من أمسيات الشتاء',
    description: 'فيلم قصير عن الضوء والماء. يتبع الكاميرا خيطا من اللون عبر المدينة.',
    person: 'ليلى منصور',
    language: 'ar',
  },
};

/** Puts odd names into whatever the service says about titles and people. */
async function withNames(page: Page, { name, description, person, language }: Names): Promise<void> {
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, each]) => [key, rename(each)]);
    const copy = Object.fromEntries(entries) as Record<string, unknown>;
    if ('title_id' in copy && 'name' in copy) Object.assign(copy, { name, description, language });
    if ('display_name' in copy) copy.display_name = person;
    return copy;
  };
  await page.route(/\/api\/(?!auth\/)/, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    if (response.status() === 204 || !response.headers()['content-type']?.includes('json')) {
      return route.fulfill({ response, body: text });
    }
    return route.fulfill({ response, json: rename(JSON.parse(text)) });
  });
}

const screens = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
];

const film = '0197a000-0000-7000-8000-000000000001';

/** Every page on which titles and people are named, with what shows that it is there. */
const pages: { path: string; heading?: string; play?: boolean }[] = [
  { path: '/', play: true },
  { path: '/?genre=drama' },
  { path: `/titles/${film}`, play: true },
  { path: `/titles/${film}?play=true` },
  { path: `/studio/${film}` },
  { path: '/studio' },
  { path: '/upload' },
  { path: '/admin?state=failed' },
  { path: '/admin?state=published' },
  { path: '/admin/recommender' },
  { path: '/admin/people' },
  { path: '/admin/audit' },
  { path: '/account' },
];

for (const [kind, names] of Object.entries(odd)) {
  test(`${kind} names harm no page`, async ({ page }) => {
    // Many pages on many screens.
    test.setTimeout(600_000);
    await withNames(page, names);
    await signInAs(page, 'admin');
    for (const { path, play } of pages) {
      await page.setViewportSize(screens[0] ?? { width: 320, height: 640 });
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      for (const screen of screens) {
        await page.setViewportSize(screen);
        const at = `${path} at ${screen.width}`;
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), at).toBe(screen.width);
        if (play) {
          const button = page.getByRole('main').getByText('Play', { exact: true }).first();
          const box = await button.boundingBox();
          expect(box && box.y + box.height, `Play on ${at}`).toBeLessThanOrEqual(screen.height);
        }
        const picture = `names-${kind}${path.replaceAll(/\W+/g, '-').slice(0, 30)}-${screen.width}`;
        // What axe finds does not depend on the letters.
        if (kind === 'arabic') await inspect(page, picture);
        else await page.screenshot({ path: `e2e/output/${picture}.png` });
      }
      expect(await withoutDirection(page, names), `without a direction of its own on ${path}`).toEqual([]);
    }
  });
}

/** The places where a name, a description or a person stands in an element that has the page's direction. */
async function withoutDirection(page: Page, { name, description, person }: Names): Promise<string[]> {
  return page.evaluate(
    (texts) => {
      const found: string[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const text = walker.currentNode.textContent ?? '';
        const element = walker.currentNode.parentElement;
        if (!texts.some((each) => text.includes(each))) continue;
        if (!element?.closest('[dir], bdi') && !text.includes('\u2068'))
          found.push(element?.outerHTML.slice(0, 120) ?? '');
      }
      return found;
    },
    [name, description.trim(), person],
  );
}

test('an Arabic name says its language and runs from right to left', async ({ page }) => {
  await withNames(page, odd.arabic as Names);
  await signInAs(page, 'viewer');
  await page.goto(`/titles/${film}`);
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toHaveAttribute('lang', 'ar');
  await expect(heading).toHaveCSS('direction', 'rtl');
  const leading = await heading.evaluate((element) => {
    const { lineHeight, fontSize } = getComputedStyle(element);
    return Number.parseFloat(lineHeight) / Number.parseFloat(fontSize);
  });
  expect(leading).toBeGreaterThanOrEqual(1.2);
});

test('the pages for strangers fit every screen, and axe finds nothing serious', async ({ page }) => {
  for (const path of ['/', '/sign-in', '/sign-up', '/confirm', '/forgot-password', '/reset-password', '/no/such']) {
    for (const screen of screens) {
      await page.setViewportSize(screen);
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} at ${screen.width}`).toBe(
        screen.width,
      );
      await inspect(page, `strangers${path.replaceAll(/\W+/g, '-')}-${screen.width}`);
    }
  }
});
