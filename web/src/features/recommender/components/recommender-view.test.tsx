// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Experiment, Recommender } from '@/api/types';
import { problem } from '../../../../mock/responses.ts';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { samples } from '../../../../tests/samples';
import { RecommenderView } from './recommender-view';

const [first] = samples<Recommender>('Recommender');
/** The sample, with unique run IDs. */
const sample = first && {
  ...first,
  retrainings: first.retrainings.map((run, index) => ({ ...run, run_id: `r${index}` })),
};
const [experimentSample] = samples<Experiment>('Experiment');

/** Shows the admin page with a frozen clock. */
function showWith(recommender?: Partial<Recommender>) {
  const now = Date.now();
  serveMock({ now: () => now });
  signInAs('admin');
  if (recommender) {
    const answer = { hyperparameters: {}, retrainings: [], experiments: [], ...recommender };
    intercept((request) => (request.url.endsWith('/admin/recommender/status') ? Response.json(answer) : undefined));
  }
  show(<RecommenderView />);
}

/** Answers POST requests to URLs that end with `end`. */
function refuse(end: string, answer: () => Response) {
  intercept((request) => (request.method === 'POST' && request.url.endsWith(end) ? answer() : undefined));
}

const button = (name: string) => screen.findByRole('button', { name });
const isDisabled = async (name: string) => (await button(name)).hasAttribute('disabled');

describe('the recommender', () => {
  it('explains what to do before the first training', async () => {
    showWith({});
    expect(await screen.findByText('No model yet')).toBeDefined();
    expect(screen.getByText(/There is no trained model yet/)).toBeDefined();
    expect(await isDisabled('Start an experiment')).toBe(true);
    expect(await isDisabled('Retrain')).toBe(false);
    expect(screen.queryByRole('img')).toBeNull();
  });

  it('shows the current model, its baseline and its challenger', async () => {
    showWith(sample);
    const serves = await screen.findByRole('article', { name: 'Current model' });
    for (const text of ['1f0c4b7e', '0.331', '0.164', '0.325', '0.438', '21%', '512 viewers']) {
      expect(within(serves).getByText(text)).toBeDefined();
    }
    const challenger = screen.getByRole('article', { name: 'Challenger' });
    expect(within(challenger).getByText('2a3b4c5d')).toBeDefined();
  });

  it('shows the runs in a chart and in a table', async () => {
    showWith();
    const chart = await screen.findByRole('img');
    expect(chart.getAttribute('aria-label')).toContain('NDCG@100 of the last 17 measured runs.');
    const table = screen.getByRole('table', { name: 'Recent runs, newest first' });
    expect(within(table).getAllByRole('row')).toHaveLength(1 + 8);
    expect(within(table).getByText(/the current model reached 0.311/)).toBeDefined();
    await userEvent.click(await button('Show all 18 runs'));
    expect(within(table).getAllByRole('row')).toHaveLength(1 + 18);
    expect(within(table).getByText(/^The training failed/)).toBeDefined();
  });

  it('leaves runs with too few viewers out of the chart', async () => {
    const few = { held_out_people: 7 };
    showWith({
      ...sample,
      current: sample?.current && { ...sample.current, metrics: { ...sample.current.metrics, ...few } },
      retrainings: (sample?.retrainings ?? []).map((run) => ({
        ...run,
        metrics: run.metrics && { ...run.metrics, ...few },
      })),
    } as Partial<Recommender>);
    expect(await screen.findByText(/Too few viewers for reliable metrics. It went/)).toBeDefined();
    expect(screen.queryByRole('img')).toBeNull();
  });

  it('shows an error and retries', async () => {
    let broken = true;
    serveMock();
    signInAs('admin');
    intercept((request) =>
      broken && request.url.includes('/admin/') ? problem('unavailable', 'the table does not answer') : undefined,
    );
    show(<RecommenderView />);
    expect((await screen.findByRole('alert')).textContent).toContain('The table does not answer.');
    broken = false;
    await userEvent.click(await button('Try again'));
    expect(await screen.findByRole('heading', { name: 'Models' })).toBeDefined();
  });
});

describe('a manual retraining', () => {
  it('starts a challenger and shows that it is running', async () => {
    showWith();
    await userEvent.click(await button('Retrain'));
    await userEvent.click(screen.getByRole('radio', { name: /Run as challenger/ }));
    await userEvent.type(screen.getByLabelText('Hyperparameters'), 'iterations=20');
    await userEvent.click(await button('Start'));
    expect(await screen.findByText(/Retraining started manually just now/)).toBeDefined();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(await isDisabled('Retrain')).toBe(true);
    expect(screen.getAllByText('iterations=20').length).toBeGreaterThan(0);
  });

  it('shows errors of the page and of the service at their lines', async () => {
    showWith();
    await userEvent.click(await button('Retrain'));
    const field = screen.getByLabelText('Hyperparameters');
    await userEvent.type(field, 'iterations');
    await userEvent.click(await button('Start'));
    expect(await screen.findByText('Line 1 has no “=”: write name=value.')).toBeDefined();
    await userEvent.type(field, '=20{Enter}Half life=3');
    await userEvent.click(await button('Start'));
    expect(await screen.findByText(/Line 2, “Half life”: is not the name of a hyperparameter/)).toBeDefined();
  });

  it('shows why the service refused it', async () => {
    showWith();
    refuse('/retrainings', () => problem('conflict', 'another retraining is running'));
    await userEvent.click(await button('Retrain'));
    await userEvent.click(await button('Start'));
    expect((await screen.findByRole('alert')).textContent).toContain('Another retraining is running.');
  });
});

describe('an experiment', () => {
  it('starts, runs, and stops after a confirmation', async () => {
    showWith();
    await userEvent.click(await button('Start an experiment'));
    await userEvent.type(screen.getByLabelText('Name'), 'More dimensions');
    await userEvent.click(screen.getByRole('radio', { name: /Split/ }));
    await userEvent.click(await button('Start'));
    const running = await screen.findByRole('article', { name: 'Experiment More dimensions' });
    expect(within(running).getByText(/^Split: challenger/)).toBeDefined();
    expect(within(running).getByText(/No viewers have seen this experiment yet/)).toBeDefined();
    expect(await isDisabled('Start an experiment')).toBe(true);
    expect(screen.getByText('An experiment is running, and its models must not change.')).toBeDefined();

    await userEvent.click(await button('Stop'));
    await userEvent.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Stop experiment' }));
    const past = await screen.findByRole('list', { name: 'Past experiments' });
    expect(await within(past).findByText('More dimensions')).toBeDefined();
    expect(screen.queryByRole('article', { name: 'Experiment More dimensions' })).toBeNull();
  });

  it('shows errors of the page and of the service at their fields', async () => {
    showWith();
    await userEvent.click(await button('Start an experiment'));
    await userEvent.type(screen.getByLabelText('Name'), 'More dimensions');
    const viewers = screen.getByLabelText('Stop after (viewers)');
    await userEvent.clear(viewers);
    await userEvent.type(viewers, '99');
    await userEvent.click(await button('Start'));
    expect(await screen.findByText('Must be a whole number from 100 to 500,000.')).toBeDefined();
    await userEvent.clear(viewers);
    await userEvent.type(viewers, '100');
    const window = screen.getByLabelText('Measure each viewer for (days)');
    await userEvent.clear(window);
    await userEvent.type(window, '28');
    await userEvent.click(await button('Start'));
    expect(await screen.findByText('Must be at least 1 and less than `days`.')).toBeDefined();
    expect(window.getAttribute('aria-invalid')).toBe('true');
  });

  it('shows its results so far', async () => {
    showWith(sample);
    const running = await screen.findByRole('article', { name: 'Experiment More dimensions' });
    expect(within(running).getByText('412 of 1,000')).toBeDefined();
    expect(within(running).getByText('+0.21 (−0.02 to +0.44) titles per viewer')).toBeDefined();
    expect(within(running).getByText(/Between 0.02 fewer and 0.44 more titles watched per viewer/)).toBeDefined();
    const arms = within(running).getByRole('table', { name: 'Counted titles by model' });
    expect(
      within(arms)
        .getAllByRole('row')
        .map((row) => row.textContent),
    ).toEqual(['ModelViewersTitlesPer viewer', 'Challenger4123880.94', 'Current4123010.73']);
  });

  it('explains an uneven split', async () => {
    if (!experimentSample?.results) throw new Error('openapi.json has no experiment with results');
    showWith({
      ...sample,
      experiments: [{ ...experimentSample, results: { ...experimentSample.results, sample_ratio_mismatch: true } }],
    });
    expect(await screen.findByText(/The split should have been even/)).toBeDefined();
    expect(screen.queryByText(/titles per viewer/)).toBeNull();
  });
});
