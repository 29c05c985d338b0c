import { expect, type Page, test } from '@playwright/test';
import { createRecommender } from '../mock/recommender.ts';
import { inspect, watchErrors } from './pages';
import { firstAdmin, signIn } from './people';

/**
 * Answers the recommender's routes from the mock, whose clock the test advances: training runs and experiments take
 * days. Everything else is the running Marquee.
 */
async function withTrainedModels(page: Page) {
  let [now, ids] = [Date.now(), 0];
  const newId = () => `0197a000-0000-7000-8000-${String(ids++).padStart(12, '0')}`;
  const recommender = createRecommender({ now: () => now, newId });
  await page.route('**/api/admin/recommender/**', async (route) => {
    const request = route.request();
    const path = new URL(request.url()).pathname;
    const answer = recommender.handle(request.method(), path, request.postDataJSON(), newId());
    if (!answer) return route.abort();
    const contentType = answer.headers.get('content-type') ?? '';
    await route.fulfill({ status: answer.status, contentType, body: await answer.text() });
  });
  return {
    advance: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

async function open(page: Page): Promise<void> {
  await signIn(page, firstAdmin());
  await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Recommender' }).click();
  await expect(page.getByRole('heading', { name: 'Recommender', level: 1 })).toBeVisible();
}

test('an admin sees the real recommender', async ({ page }) => {
  const watched = watchErrors(page);
  await open(page);
  const model = page.getByRole('article', { name: 'Current model' });
  await expect(model.or(page.getByRole('heading', { name: /No model yet|being trained/ }))).toBeVisible();
  await inspect(page, 'recommender-real');
  expect(watched.errors).toEqual([]);
});

test('an admin compares two models and trains another', async ({ page }) => {
  const watched = watchErrors(page);
  const clock = await withTrainedModels(page);
  await open(page);
  await expect(page.getByRole('article', { name: 'Current model' })).toContainText('0.331');
  await expect(page.getByRole('article', { name: 'Challenger' })).toContainText('dimensions=128');
  await expect(page.getByRole('img', { name: /^NDCG@100 of the last 17 measured runs/ })).toBeVisible();
  await inspect(page, 'recommender');

  await page.getByRole('button', { name: 'Start an experiment' }).click();
  const form = page.getByRole('dialog', { name: 'Start an experiment' });
  await form.getByLabel('Name').fill('More dimensions');
  await form.getByLabel('Measure each viewer for (days)').fill('28');
  await inspect(page, 'experiment-form');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form.getByText('Must be at least 1 and less than `days`.')).toBeVisible();
  await form.getByLabel('Measure each viewer for (days)').fill('7');
  await form.getByRole('button', { name: 'Start' }).click();

  const running = page.getByRole('article', { name: 'Experiment More dimensions' });
  await expect(running).toContainText('No viewers have seen this experiment yet.');
  await expect(page.getByRole('button', { name: 'Retrain' })).toBeDisabled();
  clock.advance(30);
  await page.reload();
  await expect(running).toContainText('270 of 1,000');
  await expect(running).toContainText('neither model is clearly better');
  await inspect(page, 'experiment');

  await running.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop experiment' }).click();
  const past = page.getByRole('list', { name: 'Past experiments' }).getByRole('listitem');
  await expect(past.filter({ hasText: 'More dimensions' })).toContainText('Stopped');
  await expect(running).toHaveCount(0);

  await page.getByRole('button', { name: 'Retrain' }).click();
  await page.getByText('Run as challenger', { exact: true }).click();
  await page.getByLabel('Hyperparameters').fill('iterations=20');
  await inspect(page, 'retrain-form');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByText(/^Retraining started manually just now/)).toBeVisible();
  clock.advance(10);
  // The page polls while a run is in progress.
  await expect(page.getByText(/^Retraining started/)).toHaveCount(0);
  await expect(page.getByRole('article', { name: 'Challenger' })).toContainText('iterations=20');
  expect(watched.errors).toEqual([]);
});

test('the recommender fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const clock = await withTrainedModels(page);
  await open(page);
  await page.getByRole('button', { name: 'Start an experiment' }).click();
  await page.getByLabel('Name').fill('More dimensions');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByRole('article', { name: 'Experiment More dimensions' })).toBeVisible();
  clock.advance(30);
  await page.reload();
  await expect(page.getByText('270 of 1,000')).toBeVisible();
  const overflows = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(overflows, 'the recommender scrolls sideways').toBe(false);
  await inspect(page, 'phone-recommender');
});
