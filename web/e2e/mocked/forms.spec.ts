import type { Locator, Page } from '@playwright/test';
import { expect, signInAs, test } from './fixtures.ts';

/** Presses a button as a user does: mouse down, a moment, mouse up at the same position. */
async function press(page: Page, button: Locator): Promise<void> {
  const box = await button.boundingBox();
  if (!box) throw new Error('the button is not there');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 6);
  await page.mouse.down();
  // The duration of a click; nothing is waited for.
  await page.waitForTimeout(90);
  await page.mouse.up();
}

test('the first click on submit works after an error was fixed', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  const requests: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/titles')) requests.push(request.url());
  });
  const submit = page.getByRole('button', { name: 'Save as draft' });
  const name = page.getByRole('textbox', { name: 'Name' });
  await submit.click();
  await expect(page.getByText('Must not be empty.')).toBeVisible();
  await expect(name).toBeFocused();
  // The fixed error keeps its space, so the button does not move.
  const position = () => submit.evaluate((button) => button.getBoundingClientRect().top + scrollY);
  const before = await position();
  await name.fill('Harbour');
  await expect(page.getByText('Must not be empty.')).toBeHidden();
  expect(await position()).toBe(before);

  await submit.scrollIntoViewIfNeeded();
  await press(page, submit);
  await expect(page.getByRole('heading', { name: 'Harbour', level: 1 })).toBeVisible();
  expect(requests).toHaveLength(1);
});

for (const screen of [
  { width: 1024, height: 480 },
  { width: 390, height: 640 },
]) {
  test(`the focused element is not hidden under a bar at ${screen.width}x${screen.height}`, async ({ page }) => {
    await page.setViewportSize(screen);
    await signInAs(page, 'creator');
    await page.goto('/upload');
    const name = page.getByRole('textbox', { name: 'Name' });
    const submit = page.getByRole('button', { name: 'Save as draft' });
    await expect(page.getByRole('button', { name: 'Documentary' })).toBeVisible();

    /** Presses a key until `end` has the focus, and steps through the choices of each radio group. */
    const moveFocus = async (key: 'Tab' | 'Shift+Tab', end: Locator) => {
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
      throw new Error('the keyboard does not reach the element');
    };
    await name.focus();
    await moveFocus('Tab', submit);
    await moveFocus('Shift+Tab', name);

    // The first invalid field gets the focus.
    await submit.scrollIntoViewIfNeeded();
    await submit.click();
    await expect(name).toBeFocused();
    expect(await hiddenFocus(page)).toBeUndefined();
  });
}

/** What covers an edge of the focused element: a fixed bar, or the edge of the screen. */
function hiddenFocus(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const isFixed = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).position === 'fixed' || isFixed(element.parentElement));
    const focused = document.activeElement;
    if (!focused || isFixed(focused)) return undefined;
    // A radio input is hidden; the card around it shows the focus.
    const shown = focused.matches('[type=radio]') ? (focused.closest('label') ?? focused) : focused;
    const { left, top, bottom, width, height } = shown.getBoundingClientRect();
    // Visually hidden elements have no size.
    if (width < 2 || height < 2) return undefined;
    for (const y of [top + 2, bottom - 2]) {
      const over = document.elementFromPoint(left + width / 2, y);
      if (!over || isFixed(over)) return `${shown.outerHTML.slice(0, 120)} under ${over?.outerHTML.slice(0, 120)}`;
    }
    return undefined;
  });
}

test('an error from the service is shown at its field', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/upload');
  const name = page.getByRole('textbox', { name: 'Name' });
  const submit = page.getByRole('button', { name: 'Save as draft' });
  const requests: string[] = [];
  await page.route('**/api/titles', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    requests.push(route.request().postData() ?? '');
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

  // The page sends no request for an error that it finds itself.
  await name.fill('   ');
  await submit.click();
  await expect(page.getByText('Must not be empty.')).toBeVisible();
  expect(requests).toEqual([]);

  await name.fill('Marquee');
  await submit.click();
  await expect(page.getByText('Is reserved: choose another one.')).toBeVisible();
  await expect(name).toBeFocused();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  expect(requests).toHaveLength(1);
});
