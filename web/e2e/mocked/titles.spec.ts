import { inspect } from '../pages.ts';
import { expect, signInAs, test } from './fixtures.ts';

test('an archived title is restored from the list', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/studio');
  const row = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'The Salt Line' }) });
  await row.getByRole('button', { name: 'Actions for The Salt Line' }).click();
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toHaveCount(0);
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Archive' }).click();
  await expect(row.getByText('Archived', { exact: true })).toBeVisible();
  await expect(row.getByText(/^Can be restored until \S/)).toBeVisible();
  await inspect(page, 'archived-title');

  await row.getByRole('button', { name: 'Actions for The Salt Line' }).click();
  await expect(page.getByRole('menuitem', { name: 'Archive' })).toHaveCount(0);
  await page.getByRole('menuitem', { name: 'Restore' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
  await expect(row.getByText('Published', { exact: true })).toBeVisible();
});

test('a draft is deleted after a confirmation', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/studio');
  const draft = page.getByRole('link', { name: 'Half an Idea' });
  const act = async (choice: string) => {
    await page.getByRole('button', { name: 'Actions for Half an Idea' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: choice, exact: true }).click();
    await expect(page.getByRole('alertdialog')).toHaveCount(0);
  };
  await act('Cancel');
  await expect(draft).toBeVisible();
  await act('Delete');
  await expect(draft).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('link', { name: 'The Salt Line' })).toBeVisible();
  await expect(draft).toHaveCount(0);
});

test('a draft is deleted from its page, which requests nothing of it afterwards', async ({ page }) => {
  await signInAs(page, 'creator');
  await page.goto('/studio');
  await page.getByRole('link', { name: 'Half an Idea' }).click();
  await page.getByRole('button', { name: 'Delete this title' }).click();
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400) refused.push(response.url());
  });
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'My titles' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'The Salt Line' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Half an Idea' })).toHaveCount(0);
  expect(refused).toEqual([]);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Not found' })).toBeVisible();
});

test('the admin list fits a phone without scrolling sideways', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await signInAs(page, 'admin');
  await page.goto('/admin?state=failed');
  const row = page.getByRole('row').filter({ hasText: 'Interrupted at Sea' });
  for (const text of ['Interrupted at Sea', 'Ines Okafor', 'TranscodeInterrupted', /(ago|now)$/]) {
    const box = await row.getByText(text).first().boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= 320, String(text)).toBe(true);
  }
  const table = page.getByRole('table');
  expect(await table.evaluate(({ scrollWidth }) => scrollWidth)).toBeLessThanOrEqual(320);
  await inspect(page, 'phone-admin-failed');
});
