import { expect, type Page, test } from '@playwright/test';
import { createRecommender } from '../mock/recommender.ts';
import { inspect, watchErrors } from './pages';
import { firstAdmin, signIn } from './people';

/**
 * A month of trainings and a week of an experiment are more than a walk can wait for: what the service would say of them
 * comes from the mock, whose clock this test moves on. Everything else is the Marquee that runs.
 */
async function withTrainedModels(page: Page) {
  let [clock, ids] = [Date.now(), 0];
  const newId = () => `0197a000-0000-7000-8000-${String(ids++).padStart(12, '0')}`;
  const recommender = createRecommender({ now: () => clock, newId });
  await page.route('**/api/admin/recommender/**', async (route) => {
    const request = route.request();
    const path = new URL(request.url()).pathname;
    const answer = recommender.handle(request.method(), path, request.postDataJSON(), newId());
    if (!answer) return route.abort();
    const contentType = answer.headers.get('content-type') ?? '';
    await route.fulfill({ status: answer.status, contentType, body: await answer.text() });
  });
  return {
    pass: (seconds: number) => {
      clock += seconds * 1000;
    },
  };
}

async function open(page: Page): Promise<void> {
  await signIn(page, firstAdmin());
  await page.getByRole('link', { name: 'Pipelines' }).click();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Recommender' }).click();
  await expect(page.getByRole('heading', { name: 'Recommender', level: 1 })).toBeVisible();
}

test('an admin sees the recommender as it is', async ({ page }) => {
  const watched = watchErrors(page);
  await open(page);
  const model = page.getByRole('article', { name: 'The model that serves' });
  await expect(model.or(page.getByRole('heading', { name: /trained/ }))).toBeVisible();
  await inspect(page, 'recommender-as-it-is');
  expect(watched.errors).toEqual([]);
});

test('an admin compares two models, and trains another', async ({ page }) => {
  const watched = watchErrors(page);
  const time = await withTrainedModels(page);
  await open(page);
  await expect(page.getByRole('article', { name: 'The model that serves' })).toContainText('0.331');
  await expect(page.getByRole('article', { name: 'The challenger' })).toContainText('dimensions=128');
  await expect(page.getByRole('img', { name: /^NDCG@100 of the last 17 runs/ })).toBeVisible();
  await inspect(page, 'recommender');

  await page.getByRole('button', { name: 'Begin an experiment' }).click();
  const form = page.getByRole('dialog', { name: 'Begin an experiment' });
  await form.getByLabel('Name').fill('More dimensions');
  await form.getByLabel('Days that count').fill('28');
  await inspect(page, 'experiment-form');
  await form.getByRole('button', { name: 'Begin' }).click();
  await expect(form.getByText('Must be at least 1 and less than `days`.')).toBeVisible();
  await form.getByLabel('Days that count').fill('7');
  await form.getByRole('button', { name: 'Begin' }).click();

  const running = page.getByRole('article', { name: 'Experiment More dimensions' });
  await expect(running).toContainText('Nobody who takes part has been shown anything yet.');
  await expect(page.getByRole('button', { name: 'Retrain' })).toBeDisabled();
  time.pass(30);
  await page.reload();
  await expect(running).toContainText('270 of 1,000');
  await expect(running).toContainText('neither is known to be better');
  await inspect(page, 'experiment');

  await running.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop it' }).click();
  const past = page.getByRole('list', { name: 'Past experiments' }).getByRole('listitem');
  await expect(past.filter({ hasText: 'More dimensions' })).toContainText('Stopped');
  await expect(running).toHaveCount(0);

  await page.getByRole('button', { name: 'Retrain' }).click();
  await page.getByText('Stands beside', { exact: true }).click();
  await page.getByLabel('Hyperparameters').fill('iterations=20');
  await inspect(page, 'retrain-form');
  await page.getByRole('button', { name: 'Begin', exact: true }).click();
  await expect(page.getByText(/^A retraining is at work, begun just now/)).toBeVisible();
  time.pass(10);
  // It is looked at by itself while a run is at work.
  await expect(page.getByText(/^A retraining is at work, begun/)).toHaveCount(0);
  await expect(page.getByRole('article', { name: 'The challenger' })).toContainText('iterations=20');
  expect(watched.errors).toEqual([]);
});

test('the recommender fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const time = await withTrainedModels(page);
  await open(page);
  await page.getByRole('button', { name: 'Begin an experiment' }).click();
  await page.getByLabel('Name').fill('More dimensions');
  await page.getByRole('button', { name: 'Begin', exact: true }).click();
  await expect(page.getByRole('article', { name: 'Experiment More dimensions' })).toBeVisible();
  time.pass(30);
  await page.reload();
  await expect(page.getByText('270 of 1,000')).toBeVisible();
  const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(wider, 'the recommender scrolls sideways').toBe(false);
  await inspect(page, 'phone-recommender');
});
