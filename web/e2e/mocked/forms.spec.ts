import type { Locator, Page } from '@playwright/test';
import { expect, signInAs, test } from './fixtures.ts';

/** Presses a button as a hand does: down, a moment, up at the same place. */
async function press(page: Page, button: Locator): Promise<void> {
  const box = await button.boundingBox();
  if (!box) throw new Error('the button is not there');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 6);
  await page.mouse.down();
  // How long a finger rests on the button; nothing is waited for.
  await page.waitForTimeout(90);
  await page.mouse.up();
}

test('the first press on the button counts after a form was mended', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/titles')) asked.push(request.url());
  });
  const submit = page.getByRole('button', { name: /^(Create a draft|Save as draft)$/ });
  const name = page.getByRole('textbox', { name: 'Name' });
  await submit.click();
  await expect(page.getByText('Must not be empty.')).toBeVisible();
  await expect(name).toBeFocused();
  // The error that no longer holds keeps its line: the button stays where it was aimed at.
  const place = () => submit.evaluate((button) => button.getBoundingClientRect().top + scrollY);
  const before = await place();
  await name.fill('Harbour');
  await expect(page.getByText('Must not be empty.')).toBeHidden();
  expect(await place()).toBe(before);

  await submit.scrollIntoViewIfNeeded();
  await press(page, submit);
  await expect(page.getByRole('heading', { name: 'Harbour', level: 1 })).toBeVisible();
  expect(asked).toHaveLength(1);
});

for (const screen of [
  { width: 1024, height: 480 },
  { width: 390, height: 640 },
]) {
  test(`what has the focus is not hidden under a bar at ${screen.width}x${screen.height}`, async ({ page }) => {
    await page.setViewportSize(screen);
    await signInAs(page, 'creator');
    await page.goto('/upload');
    const name = page.getByRole('textbox', { name: 'Name' });
    const submit = page.getByRole('button', { name: /^(Create a draft|Save as draft)$/ });
    await expect(page.getByRole('button', { name: 'Documentary' })).toBeVisible();

    /** Goes from key to key until `end` has the focus; from the first choice of a group through all of them. */
    const walk = async (key: 'Tab' | 'Shift+Tab', end: Locator) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press(key);
        expect(await hiddenFocus(page), `after ${key}`).toBeUndefined();
        if (await end.evaluate((element) => element === document.activeElement)) return;
        const isChoice = await page.evaluate(() => document.activeElement?.matches('[type=radio]'));
        for (const choice of isChoice ? ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp'] : []) {
          await page.keyboard.press(choice);
          expect(await hiddenFocus(page), `after ${choice}`).toBeUndefined();
        }
      }
      throw new Error('the keyboard does not get there');
    };
    await name.focus();
    await walk('Tab', submit);
    await walk('Shift+Tab', name);

    // The first field with an error gets the focus.
    await submit.scrollIntoViewIfNeeded();
    await submit.click();
    await expect(name).toBeFocused();
    expect(await hiddenFocus(page)).toBeUndefined();
  });
}

/** What lies over an edge of the element that has the focus: a bar that stays while the page moves, or the screen's end. */
function hiddenFocus(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const stays = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).position === 'fixed' || stays(element.parentElement));
    const focused = document.activeElement;
    if (!focused || stays(focused)) return undefined;
    // The input of a choice is hidden; the card around it shows the focus.
    const shown = focused.matches('[type=radio]') ? (focused.closest('label') ?? focused) : focused;
    const { left, top, bottom, width, height } = shown.getBoundingClientRect();
    // What is there for screen readers alone has no place on the screen.
    if (width < 2 || height < 2) return undefined;
    for (const y of [top + 2, bottom - 2]) {
      const over = document.elementFromPoint(left + width / 2, y);
      if (!over || stays(over)) return `${shown.outerHTML.slice(0, 120)} under ${over?.outerHTML.slice(0, 120)}`;
    }
    return undefined;
  });
}

test('an error of the service is said at its field, in the same voice', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  const name = page.getByRole('textbox', { name: 'Name' });
  const submit = page.getByRole('button', { name: /^(Create a draft|Save as draft)$/ });
  const asked: string[] = [];
  await page.route('**/api/titles', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    asked.push(route.request().postData() ?? '');
    return route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      json: {
        type: '/problems/invalid-fields',
        title: 'Some fields are not valid',
        status: 422,
        detail: '`/name` is reserved',
        instance: '/api/titles',
        request_id: 'r',
        errors: [{ pointer: '/name', detail: 'is reserved: choose another one' }],
      },
    });
  });

  // What the page knows itself is not asked for.
  await name.fill('   ');
  await submit.click();
  await expect(page.getByText('Must not be empty.')).toBeVisible();
  expect(asked).toEqual([]);

  await name.fill('Marquee');
  await submit.click();
  await expect(page.getByText('Is reserved: choose another one.')).toBeVisible();
  await expect(name).toBeFocused();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  expect(asked).toHaveLength(1);
});
