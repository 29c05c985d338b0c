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
if (!sample?.current || !experiment?.results) throw new Error('the sample has a model and an experiment with results');
const { metrics } = sample.current;
const results = experiment.results;
const going: Recommender = sample;
const idle: Recommender = { ...sample, experiments: [{ ...experiment, verdict: 'stopped' }] };
const atWork: Recommender = { ...idle, at_work: sample.current.run_id };
const { challenger: _, ...alone } = idle;
const { current: __, ...untrained } = alone;

describe('a model', () => {
  it('is judged on twenty people at least', () => {
    expect(isReliable(metrics)).toBe(true);
    expect(isReliable({ ...metrics, held_out_people: 20 })).toBe(true);
    expect(isReliable({ ...metrics, held_out_people: 19 })).toBe(false);
  });

  it('is held against always showing the popular', () => {
    expect(comparedToPopularity(metrics)).toBe('2.0 times what always showing the popular reaches.');
    expect(comparedToPopularity({ ...metrics, ndcg_at_100: 0.1 })).toBe('Always showing the popular would do better.');
    expect(comparedToPopularity({ ...metrics, popularity_ndcg_at_100: 0 })).toBe(
      'Always showing the popular finds nothing.',
    );
  });
});

describe('what may begin', () => {
  it('is an experiment when there are two models and nothing moves', () => {
    expect(experimentBlocker(idle)).toBeUndefined();
    expect(experimentBlocker(going)).toContain('One goes on');
    expect(experimentBlocker(atWork)).toContain('at work');
    expect(experimentBlocker(alone)).toContain('no challenger');
    expect(experimentBlocker(untrained)).toContain('no trained model');
  });

  it('is a retraining when none is at work and nothing is compared', () => {
    expect(retrainingBlocker(idle)).toBeUndefined();
    expect(retrainingBlocker(untrained)).toBeUndefined();
    expect(retrainingBlocker(atWork)).toContain('at work');
    expect(retrainingBlocker(going)).toContain('experiment');
  });

  it('is looked for again only while something goes on', () => {
    expect([atWork, going, idle].map(pollDelay)).toEqual([4_000, 20_000, false]);
  });
});

describe('hyperparameters', () => {
  it('are read line by line', () => {
    expect(parseHyperparameters(' dimensions = 128 \n\niterations=20')).toEqual({
      values: { dimensions: '128', iterations: '20' },
    });
    expect(parseHyperparameters('note=a=b')).toEqual({ values: { note: 'a=b' } });
    expect(parseHyperparameters('constructor=1')).toEqual({ values: { constructor: '1' } });
    expect(parseHyperparameters('')).toEqual({ values: {} });
  });

  it('are refused where they stand', () => {
    expect(parseHyperparameters('dimensions=1\niterations')).toEqual({ wrong: 'Line 2 has no “=”: write name=value.' });
    expect(parseHyperparameters('seed=1\nseed=2')).toEqual({ wrong: 'Line 2 says “seed” once more.' });
    const fields = { 'hyperparameters/Half life': 'Is no name.', hyperparameters: 'May have at most 100 entries.' };
    expect(lineErrors('seed=1\n\nHalf life=3', fields)).toBe(
      'Line 3, “Half life”: is no name. May have at most 100 entries.',
    );
    expect(lineErrors('seed=1', { place: 'Is unknown.' })).toBe('');
  });

  it('are told in a line', () => {
    expect(formatHyperparameters({ dimensions: '128', seed: '2' })).toBe('dimensions=128, seed=2');
  });
});

describe('what came of an experiment', () => {
  const says = (more: Partial<typeof results> | undefined) =>
    resultSummary(experiment, more && { ...results, ...more });

  it('is told from the first look to the last', () => {
    expect(says(undefined)).toContain('Nobody who takes part');
    expect(says({ people_measured: 0, difference: null })).toContain('their 7 days are over');
    expect(says({ people_measured: 2, difference: null })).toContain('too few');
    expect(says({ people_measured: 99 })).toContain('fewer than 100 people');
    expect(says({})).not.toContain('fewer than 100 people');
    expect(says({ sample_ratio_mismatch: true })).toContain('the results say nothing');
  });

  it.each([
    [-0.02, 0.44, 'Between 0.02 fewer and 0.44 more titles watched a person with the challenger. Zero lies'],
    [0.05, 0.44, 'Between 0.05 and 0.44 more titles watched a person with the challenger: it does better.'],
    [-0.44, -0.05, 'Between 0.05 and 0.44 fewer titles watched a person with the challenger: the current model'],
  ])('is an interval from %d to %d in words', (low, high, said) => {
    expect(intervalSummary({ low, mean: (low + high) / 2, high }, 'watched')).toContain(said);
  });

  it('is drawn around zero', () => {
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
])('takes %j as a share: %s', (text, good) => {
  expect(numberError(text, bounds.share_percent) === null).toBe(good);
});
