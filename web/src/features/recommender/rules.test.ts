import { describe, expect, it } from 'vitest';
import type { Recommender } from '@/api/types';
import { samples } from '../../../tests/samples';
import {
  bounds,
  comparedToPopularity,
  experimentBlocker,
  formatHyperparameters,
  intervalPosition,
  intervalSummary,
  isReliable,
  lineErrors,
  numberError,
  parseHyperparameters,
  pollDelay,
  resultSummary,
  retrainingBlocker,
  signed,
} from './rules';

const [sample] = samples<Recommender>('Recommender');
const [experiment] = sample?.experiments ?? [];
if (!sample?.current || !experiment?.results) throw new Error('openapi.json has no example with a model and results');
const { metrics } = sample.current;
const results = experiment.results;
const running: Recommender = sample;
const idle: Recommender = { ...sample, experiments: [{ ...experiment, verdict: 'stopped' }] };
const retraining: Recommender = { ...idle, active_run: sample.current.run_id };
const { challenger: _, ...alone } = idle;
const { current: __, ...untrained } = alone;

describe('a model', () => {
  it('needs at least twenty viewers for reliable metrics', () => {
    expect(isReliable(metrics)).toBe(true);
    expect(isReliable({ ...metrics, held_out_people: 20 })).toBe(true);
    expect(isReliable({ ...metrics, held_out_people: 19 })).toBe(false);
  });

  it('is compared to the popularity baseline', () => {
    expect(comparedToPopularity(metrics)).toBe('2.0× the popularity baseline.');
    expect(comparedToPopularity({ ...metrics, ndcg_at_100: 0.1 })).toBe('Worse than the popularity baseline.');
    expect(comparedToPopularity({ ...metrics, popularity_ndcg_at_100: 0 })).toBe('The popularity baseline scores 0.');
  });
});

describe('what can start', () => {
  it('is an experiment when there are two models and nothing runs', () => {
    expect(experimentBlocker(idle)).toBeUndefined();
    expect(experimentBlocker(running)).toContain('An experiment is running');
    expect(experimentBlocker(retraining)).toContain('retraining is running');
    expect(experimentBlocker(alone)).toContain('no challenger');
    expect(experimentBlocker(untrained)).toContain('no trained model');
  });

  it('is a retraining when nothing runs', () => {
    expect(retrainingBlocker(idle)).toBeUndefined();
    expect(retrainingBlocker(untrained)).toBeUndefined();
    expect(retrainingBlocker(retraining)).toContain('retraining is running');
    expect(retrainingBlocker(running)).toContain('experiment');
  });

  it('is polled only while something runs', () => {
    expect([retraining, running, idle].map(pollDelay)).toEqual([4_000, 20_000, false]);
  });
});

describe('hyperparameters', () => {
  it('are parsed line by line', () => {
    expect(parseHyperparameters(' dimensions = 128 \n\niterations=20')).toEqual({
      values: { dimensions: '128', iterations: '20' },
    });
    expect(parseHyperparameters('note=a=b')).toEqual({ values: { note: 'a=b' } });
    expect(parseHyperparameters('constructor=1')).toEqual({ values: { constructor: '1' } });
    expect(parseHyperparameters('')).toEqual({ values: {} });
  });

  it('have errors with line numbers', () => {
    expect(parseHyperparameters('dimensions=1\niterations')).toEqual({ error: 'Line 2 has no “=”: write name=value.' });
    expect(parseHyperparameters('seed=1\nseed=2')).toEqual({ error: 'Line 2 repeats “seed”.' });
    const fields = { 'hyperparameters/Half life': 'Is no name.', hyperparameters: 'May have at most 100 entries.' };
    expect(lineErrors('seed=1\n\nHalf life=3', fields)).toBe(
      'Line 3, “Half life”: is no name. May have at most 100 entries.',
    );
    expect(lineErrors('seed=1', { place: 'Is unknown.' })).toBe('');
  });

  it('are formatted in one line', () => {
    expect(formatHyperparameters({ dimensions: '128', seed: '2' })).toBe('dimensions=128, seed=2');
  });
});

describe('the results of an experiment', () => {
  const summary = (more: Partial<typeof results> | undefined) =>
    resultSummary(experiment, more && { ...results, ...more });

  it('are summarized from the first measurement to the last', () => {
    expect(summary(undefined)).toContain('No viewers have seen');
    expect(summary({ people_measured: 0, difference: null })).toContain('after 7 days');
    expect(summary({ people_measured: 2, difference: null })).toContain('Too few');
    expect(summary({ people_measured: 99 })).toContain('fewer than 100 viewers');
    expect(summary({})).not.toContain('fewer than 100 viewers');
    expect(summary({ sample_ratio_mismatch: true })).toContain('not reliable');
  });

  it.each([
    [-0.02, 0.44, 'Between 0.02 fewer and 0.44 more titles watched per viewer with the challenger. The interval'],
    [0.05, 0.44, 'Between 0.05 and 0.44 more titles watched per viewer with the challenger: it is better.'],
    [-0.44, -0.05, 'Between 0.05 and 0.44 fewer titles watched per viewer with the challenger: the current model'],
  ])('summarize an interval from %d to %d', (low, high, text) => {
    expect(intervalSummary({ low, mean: (low + high) / 2, high }, 'watched')).toContain(text);
  });

  it('are drawn around zero', () => {
    const { left, mean, width } = intervalPosition({ low: -1, mean: 0, high: 1 });
    expect([left, mean, width].map(Math.round)).toEqual([7, 50, 87]);
    const better = intervalPosition({ low: 0.1, mean: 0.2, high: 0.3 });
    expect(better.left).toBeGreaterThan(50);
    expect(better.left + better.width).toBeLessThan(100);
    expect([signed(0.21), signed(-0.02)]).toEqual(['+0.21', '−0.02']);
  });
});

it.each([
  ['50', true],
  [' 100 ', true],
  ['0', false],
  ['101', false],
  ['1e1', false],
  ['', false],
])('accepts %j as a share: %s', (text, valid) => {
  expect(numberError(text, bounds.share_percent) === null).toBe(valid);
});
