import { resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type FileChooser, type Page } from '@playwright/test';

/** How long a pipeline may take on a busy machine. */
export const PIPELINE_MS = 420_000;

const output = resolve(import.meta.dirname, 'output');

/** Collects uncaught errors and violations of the Content-Security-Policy. */
export function watchErrors(page: Page): { errors: string[] } {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy|refused to (load|apply|execute)/i.test(message.text())) errors.push(message.text());
  });
  return { errors };
}

/** Checks a page with axe and takes a screenshot. */
export async function inspect(page: Page, name: string): Promise<void> {
  // Wait for animations and late content: elements that fade in have too little contrast at first.
  await expect(async () => {
    await page.evaluate(() => {
      const finite = document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
      return Promise.allSettled(finite.map(({ finished }) => finished)).then(() => undefined);
    });
    // No page has frames, so axe needs no second page to gather their results (its "legacy mode"): a run takes a third less time.
    const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
    const { violations } = await axe.analyze();
    const serious = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
    expect(serious, `axe on ${name}`).toEqual([]);
  }).toPass({ timeout: 60_000 });
  await page.screenshot({ path: resolve(output, `${name}.png`) });
}

/** Chooses a file with the page's file chooser. */
export async function chooseFile(page: Page, button: string | RegExp, file: Parameters<FileChooser['setFiles']>[0]) {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).click();
  await (await chooser).setFiles(file);
}
