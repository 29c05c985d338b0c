import type { Page } from '@playwright/test';
import { chooseFile, inspect } from '../pages.ts';
import { expect, signInAs, test } from './fixtures.ts';

interface UserText {
  name: string;
  description: string;
  person: string;
  language: string;
}

const texts: Record<string, UserText> = {
  long: {
    name: 'The long way home past every lighthouse of the northern coast and back again before the winter comes, as seen by the keeper, her son, two ferrymen and a dog that no one in the village ever owned or fed'.slice(
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

/** Replaces the names of titles and users in all responses. */
async function withUserText(page: Page, { name, description, person, language }: UserText): Promise<void> {
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, each]) => [key, rename(each)]);
    const copy = Object.fromEntries(entries) as Record<string, unknown>;
    if ('title_id' in copy && 'name' in copy) Object.assign(copy, { name, description, language });
    if ('display_name' in copy) copy.display_name = person;
    if ('actor_name' in copy) Object.assign(copy, { actor_name: person, target_name: person });
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

// Pages that poll may still receive responses when the test ends.
test.afterEach(({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

const screens = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
];

const film = '0197a000-0000-7000-8000-000000000001';

interface PageCase {
  path: string;
  /** The text that shows that the data has loaded. */
  shows: (names: UserText) => string;
  /** Opens a dialog on the page, or prepares a later page. */
  act?: (page: Page) => Promise<void>;
  play?: boolean;
}

const name = (names: UserText) => names.name;
const person = (names: UserText) => names.person;

/** Every page and dialog that shows names of titles or users. */
const pages: Record<'admin' | 'creator', PageCase[]> = {
  admin: [
    { path: '/', shows: name, play: true },
    { path: '/?genre=drama', shows: name },
    { path: `/titles/${film}`, shows: name, play: true },
    { path: `/titles/${film}?play=true`, shows: name },
    { path: `/studio/${film}`, shows: name },
    { path: '/admin?state=failed', shows: person },
    { path: '/admin?state=failed', shows: name, act: openPipeline },
    { path: '/admin?state=published', shows: person },
    { path: '/admin/recommender', shows: () => 'Experiments' },
    { path: '/admin/people', shows: person, act: grantRole },
    { path: '/admin/audit', shows: () => 'granted a role' },
    { path: '/account', shows: person },
  ],
  creator: [
    { path: '/studio', shows: name },
    { path: '/studio', shows: name, act: (page) => openDialog(page, 'Published', 'Edit details') },
    { path: '/studio', shows: name, act: (page) => openDialog(page, 'Published', 'Archive') },
    { path: '/studio', shows: name, act: (page) => openDialog(page, 'Draft', 'Delete') },
    { path: `/studio/${film}`, shows: name },
  ],
};

async function openPipeline(page: Page): Promise<void> {
  await page.getByRole('table').getByRole('link').first().click();
  await expect(page.getByRole('dialog').getByRole('region', { name: 'Pipeline' })).toBeVisible();
}

/** Creates an entry in the audit log. */
async function grantRole(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Change / })
    .nth(1)
    .click();
  await page.getByRole('menuitem', { name: 'Make creator' }).click();
  await expect(page.getByText('Creator', { exact: true })).toHaveCount(2);
}

async function openDialog(page: Page, state: string, action: string): Promise<void> {
  const row = page.getByRole('listitem').filter({ has: page.getByText(state, { exact: true }) });
  await row
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: action }).click();
  // The menu, which is a dialog too, closes when the other dialog opens.
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 2, name: action })).toBeVisible();
}

/** Checks a page and its open dialogs on every screen size. */
async function checkLayout(page: Page, kind: string, place: string, play = false): Promise<void> {
  for (const screen of screens) {
    await page.setViewportSize(screen);
    const at = `${place} at ${screen.width}`;
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), at).toBe(screen.width);
    await expect.poll(() => overflowingDialogs(page), `dialogs on ${at}`).toEqual([]);
    if (play) {
      const button = page.getByRole('main').getByText('Play', { exact: true }).first();
      // The button moves up while it fades in.
      const lowerEdge = async () => {
        const box = await button.boundingBox();
        return box ? box.y + box.height : Number.POSITIVE_INFINITY;
      };
      await expect.poll(lowerEdge, `Play on ${at}`).toBeLessThanOrEqual(screen.height);
    }
    const screenshot = `names-${kind}${place.replaceAll(/\W+/g, '-')}-${screen.width}`;
    // The findings of axe depend neither on the text nor on thirty more pixels, so it runs once for each layout.
    if (kind === 'arabic' && screen.width !== 390) await inspect(page, screenshot);
    else await page.screenshot({ path: `e2e/output/${screenshot}.png` });
  }
}

/** Elements of open dialogs that are wider than the screen or overflow horizontally. */
function overflowingDialogs(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const dialogs = [...document.querySelectorAll('[role=dialog], [role=alertdialog]')];
    const scrollable = dialogs
      .flatMap((dialog) => [...dialog.querySelectorAll(':not(textarea)')])
      .filter((box) => /auto|scroll/.test(getComputedStyle(box).overflowX));
    return [...dialogs, ...scrollable]
      .filter((box) => box.scrollWidth > box.clientWidth || box.getBoundingClientRect().right > innerWidth)
      .map((box) => box.outerHTML.slice(0, 120));
  });
}

for (const [kind, names] of Object.entries(texts)) {
  for (const who of ['admin', 'creator'] as const) {
    test(`${kind} names break no page of ${who === 'admin' ? 'an admin' : 'a creator'}`, async ({ page }) => {
      // Many pages, each on several screen sizes.
      test.setTimeout(1_200_000);
      await withUserText(page, names);
      await signInAs(page, who);
      for (const [index, { path, shows, act, play }] of pages[who].entries()) {
        await page.setViewportSize(screens[0] ?? { width: 320, height: 640 });
        await page.goto(path);
        const shown = page.getByRole('main').getByText(shows(names)).filter({ visible: true });
        await expect(shown.first(), `${path} with its data`).toBeVisible();
        await expect(page.locator('.skeleton'), `skeletons on ${path}`).toHaveCount(0);
        await act?.(page);
        await checkLayout(page, kind, `${path} (${who} ${index})`, play);
        expect(await withoutDirection(page, names), `without a direction of its own on ${path}`).toEqual([]);
      }
    });
  }

  test(`${kind} names do not break an upload`, async ({ page }) => {
    test.setTimeout(1_200_000);
    await withUserText(page, names);
    await signInAs(page, 'creator');
    // Parts never arrive.
    await page.route(/\/mock-bucket\//, () => undefined);
    const file = (bytes: number) => ({
      name: `${names.name}.mp4`,
      mimeType: 'video/mp4',
      buffer: Buffer.alloc(bytes),
    });
    const check = async (place: string) => {
      await checkLayout(page, kind, place);
      expect(await withoutDirection(page, names), `without a direction of its own: ${place}`).toEqual([]);
    };

    await page.goto('/upload');
    await chooseFile(page, 'Choose a file', file(0));
    await expect(page.getByRole('alert')).toContainText('This file is empty.');
    await check('upload-refused');
    await chooseFile(page, 'Choose a file', file(1024));
    await expect(page.getByRole('button', { name: 'Choose another' })).toBeVisible();
    await check('upload-chosen');
    await page.getByRole('button', { name: 'Create and upload' }).click();

    const upload = page.getByRole('region', { name: 'Upload' });
    await expect(upload.getByRole('button', { name: 'Pause' })).toBeVisible();
    await check('upload-running');
    page.on('dialog', (dialog) => dialog.accept());
    await page.reload();
    await expect(upload.getByText(/was interrupted at 0%/)).toBeVisible();
    await check('upload-interrupted');
  });
}

/** Elements that show user text without a direction of its own. */
async function withoutDirection(page: Page, { name, description, person }: UserText): Promise<string[]> {
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

test('an Arabic name has its language and runs from right to left', async ({ page }) => {
  await withUserText(page, texts.arabic as UserText);
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

test('the pages for signed-out users fit every screen, and axe finds nothing serious', async ({ page }) => {
  for (const path of ['/', '/sign-in', '/sign-up', '/confirm', '/forgot-password', '/reset-password', '/no/such']) {
    for (const screen of screens) {
      await page.setViewportSize(screen);
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      const at = `${path} at ${screen.width}`;
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), at).toBe(screen.width);
      await inspect(page, `signed-out${path.replaceAll(/\W+/g, '-')}-${screen.width}`);
    }
  }
});
