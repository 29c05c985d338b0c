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
/** The sample, with runs that can be told apart. */
const sample = first && {
  ...first,
  retrainings: first.retrainings.map((run, index) => ({ ...run, run_id: `r${index}` })),
};
const [going] = samples<Experiment>('Experiment');

/** The page of an admin at one moment: nothing goes on by itself. */
function showWith(recommender?: Partial<Recommender>) {
  const now = Date.now();
  serveMock({ now: () => now });
  signInAs('admin');
  if (recommender) {
    const answer = { recipe: {}, retrainings: [], experiments: [], ...recommender };
    intercept((request) => (request.url.endsWith('/admin/recommender/status') ? Response.json(answer) : undefined));
  }
  show(<RecommenderView />);
}

/** Answers a POST to an address that ends so. */
function refuse(end: string, answer: () => Response) {
  intercept((request) => (request.method === 'POST' && request.url.endsWith(end) ? answer() : undefined));
}

const button = (name: string) => screen.findByRole('button', { name });
const isDisabled = async (name: string) => (await button(name)).hasAttribute('disabled');

describe('the recommender', () => {
  it('says what to do before anything was trained', async () => {
    showWith({});
    expect(await screen.findByText('Nothing was trained yet')).toBeDefined();
    expect(screen.getByText(/There is no trained model yet/)).toBeDefined();
    expect(await isDisabled('Begin an experiment')).toBe(true);
    expect(await isDisabled('Retrain')).toBe(false);
    expect(screen.queryByRole('img')).toBeNull();
  });

  it('shows which model serves, beside the popular and beside its challenger', async () => {
    showWith(sample);
    const serves = await screen.findByRole('article', { name: 'The model that serves' });
    for (const text of ['1f0c4b7e', '0.331', '0.164', '0.325', '0.438', '21%', '512 people']) {
      expect(within(serves).getByText(text)).toBeDefined();
    }
    const challenger = screen.getByRole('article', { name: 'The challenger' });
    expect(within(challenger).getByText('2a3b4c5d')).toBeDefined();
  });

  it('draws the runs, and tells them in numbers and sentences', async () => {
    showWith();
    const chart = await screen.findByRole('img');
    expect(chart.getAttribute('aria-label')).toContain('NDCG@100 of the last 17 runs that were measured.');
    const table = screen.getByRole('table', { name: 'The last runs, newest first' });
    expect(within(table).getAllByRole('row')).toHaveLength(1 + 8);
    expect(within(table).getByText(/the one that serves reached 0.311/)).toBeDefined();
    await userEvent.click(await button('Show all 18 runs'));
    expect(within(table).getAllByRole('row')).toHaveLength(1 + 18);
    expect(within(table).getByText(/^The training failed/)).toBeDefined();
  });

  it('does not draw what too few people were asked about', async () => {
    const few = { held_out_people: 7 };
    showWith({
      ...sample,
      current: sample?.current && { ...sample.current, metrics: { ...sample.current.metrics, ...few } },
      retrainings: (sample?.retrainings ?? []).map((run) => ({
        ...run,
        metrics: run.metrics && { ...run.metrics, ...few },
      })),
    } as Partial<Recommender>);
    expect(await screen.findByText(/Too few people could be held out/)).toBeDefined();
    expect(screen.queryByRole('img')).toBeNull();
  });

  it('says what went wrong, and tries again when asked to', async () => {
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

describe('a retraining by hand', () => {
  it('begins a challenger, and then one is at work', async () => {
    showWith();
    await userEvent.click(await button('Retrain'));
    await userEvent.click(screen.getByRole('radio', { name: /Stands beside/ }));
    await userEvent.type(screen.getByLabelText('Hyperparameters'), 'iterations=20');
    await userEvent.click(await button('Begin'));
    expect(await screen.findByText(/A retraining is at work, begun just now by hand/)).toBeDefined();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(await isDisabled('Retrain')).toBe(true);
    expect(screen.getAllByText('iterations=20').length).toBeGreaterThan(0);
  });

  it('is refused at the line that is wrong, here and by the service', async () => {
    showWith();
    await userEvent.click(await button('Retrain'));
    const field = screen.getByLabelText('Hyperparameters');
    await userEvent.type(field, 'iterations');
    await userEvent.click(await button('Begin'));
    expect(await screen.findByText('Line 1 has no “=”: write name=value.')).toBeDefined();
    await userEvent.type(field, '=20{Enter}Half life=3');
    await userEvent.click(await button('Begin'));
    expect(await screen.findByText(/Line 2, “Half life”: is not the name of a hyperparameter/)).toBeDefined();
  });

  it('says in the words of the service what stands in its way', async () => {
    showWith();
    refuse('/retrainings', () => problem('conflict', 'the retraining 7 is at work: wait for its end'));
    await userEvent.click(await button('Retrain'));
    await userEvent.click(await button('Begin'));
    expect((await screen.findByRole('alert')).textContent).toContain('The retraining 7 is at work: wait for its end.');
  });
});

describe('an experiment', () => {
  it('is begun, goes on, and is stopped when that is confirmed', async () => {
    showWith();
    await userEvent.click(await button('Begin an experiment'));
    await userEvent.type(screen.getByLabelText('Name'), 'More dimensions');
    await userEvent.click(screen.getByRole('radio', { name: /Split/ }));
    await userEvent.click(await button('Begin'));
    const running = await screen.findByRole('article', { name: 'Experiment More dimensions' });
    expect(within(running).getByText(/^Split of the challenger/)).toBeDefined();
    expect(within(running).getByText(/Nobody who takes part has been shown anything yet/)).toBeDefined();
    expect(await isDisabled('Begin an experiment')).toBe(true);
    expect(screen.getByText('While an experiment goes on, its models stay what they are.')).toBeDefined();

    await userEvent.click(await button('Stop'));
    await userEvent.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Stop it' }));
    const past = await screen.findByRole('list', { name: 'Past experiments' });
    expect(await within(past).findByText('More dimensions')).toBeDefined();
    expect(screen.queryByRole('article', { name: 'Experiment More dimensions' })).toBeNull();
  });

  it('is refused at its fields, here and by the service', async () => {
    showWith();
    await userEvent.click(await button('Begin an experiment'));
    await userEvent.type(screen.getByLabelText('Name'), 'More dimensions');
    const people = screen.getByLabelText('Planned people');
    await userEvent.clear(people);
    await userEvent.type(people, '99');
    await userEvent.click(await button('Begin'));
    expect(await screen.findByText('Must be a whole number from 100 to 500,000.')).toBeDefined();
    await userEvent.clear(people);
    await userEvent.type(people, '100');
    const window = screen.getByLabelText('Days that count');
    await userEvent.clear(window);
    await userEvent.type(window, '28');
    await userEvent.click(await button('Begin'));
    expect(await screen.findByText('Must be at least 1 and less than `days`.')).toBeDefined();
    expect(window.getAttribute('aria-invalid')).toBe('true');
  });

  it('tells what has come of it so far', async () => {
    showWith(sample);
    const running = await screen.findByRole('article', { name: 'Experiment More dimensions' });
    expect(within(running).getByText('412 of 1,000')).toBeDefined();
    expect(within(running).getByText('+0.21 (−0.02 to +0.44) titles a person')).toBeDefined();
    expect(within(running).getByText(/Between 0.02 fewer and 0.44 more titles watched a person/)).toBeDefined();
    const arms = within(running).getByRole('table', { name: 'Titles that count, by model' });
    expect(
      within(arms)
        .getAllByRole('row')
        .map((row) => row.textContent),
    ).toEqual(['ModelPeopleTitlesA person', 'Challenger4123880.94', 'Current4123010.73']);
  });

  it('explains halves that are no halves', async () => {
    if (!going?.results) throw new Error('the sample has results');
    showWith({ ...sample, experiments: [{ ...going, results: { ...going.results, sample_ratio_mismatch: true } }] });
    expect(await screen.findByText(/Chance should give both models as many people/)).toBeDefined();
    expect(screen.queryByText(/titles a person/)).toBeNull();
  });
});
