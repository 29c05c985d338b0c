/** The mock's models and runs: nightly training with growing quality and some failures. */
import type { Experiment, Model, ModelMetrics, Retraining } from '../src/api/types';

const DAY = 86_400_000;

export interface RecommenderState {
  current?: Model;
  challenger?: Model;
  hyperparameters: Record<string, string>;
  retrainings: Retraining[];
  experiments: Experiment[];
}

export function metricsOf(ndcg: number, popularity = 0.164): ModelMetrics {
  return {
    ndcg_at_100: round(ndcg),
    recall_at_20: round(ndcg * 0.98),
    recall_at_50: round(ndcg * 1.32),
    popularity_ndcg_at_100: round(popularity),
    coverage: round(0.1 + ndcg / 3),
    held_out_people: 512,
  };
}

/** The service's reason for rejecting a model that is worse than the current one. */
export function worseReason(reached: number, before: number): string {
  return `The new model reaches NDCG@100 ${reached}; the current model reached ${before}. Check the newest training data. The current model continues to serve.`;
}

/** NDCG@100 by night; undefined for runs that failed before they were measured. */
const nightlyRuns: [state: Retraining['state'], ndcg: number | undefined, sentence?: string][] = [
  ['promoted', 0.241],
  ['promoted', 0.249],
  ['promoted', 0.252],
  ['failed', undefined, 'The training failed. Fix the cause and retrain.'],
  ['promoted', 0.261],
  ['promoted', 0.27],
  ['promoted', 0.268],
  ['refused', 0.191, worseReason(0.191, 0.268)],
  ['promoted', 0.279],
  ['promoted', 0.287],
  ['rolled_back', 0.291, 'The new model did not pass the smoke test. Check the log of the endpoint.'],
  ['promoted', 0.296],
  ['promoted', 0.301],
  ['promoted', 0.311],
  ['refused', 0.252, worseReason(0.252, 0.311)],
  ['promoted', 0.318],
  ['promoted', 0.331],
  ['challenging', 0.344],
];

export function trained(now: number, newId: () => string): RecommenderState {
  const retrainings = nightlyRuns.map(([state, ndcg, sentence], index): Retraining => {
    const at = now - (nightlyRuns.length - index) * DAY;
    return {
      run_id: newId(),
      state,
      started_at: new Date(at).toISOString(),
      ended_at: new Date(at + 640_000).toISOString(),
      hyperparameters: state === 'challenging' ? { dimensions: '128' } : {},
      ...(ndcg && {
        model_version: version(index),
        metrics: metricsOf(ndcg, 0.148 + index * 0.001 + (index % 3) * 0.002),
      }),
      ...(sentence && { sentence }),
    };
  });
  const current = modelOf(retrainings.findLast(({ state }) => state === 'promoted'));
  const challenger = modelOf(retrainings.at(-1));
  return {
    ...(current && { current }),
    ...(challenger && { challenger }),
    hyperparameters: { half_life_days: '45' },
    retrainings: retrainings.reverse(),
    experiments: pastExperiments(now, newId),
  };
}

/** The model of a run, if it produced one. */
export function modelOf(run: Retraining | undefined): Model | undefined {
  if (!run?.metrics || !run.model_version) return undefined;
  const { run_id, model_version, metrics } = run;
  return { run_id, model_version, metrics, since: run.ended_at ?? run.started_at };
}

export function version(number: number): string {
  return Math.imul(number + 7, 2654435761 | 0)
    .toString(16)
    .replace('-', '')
    .padStart(8, '1');
}

function pastExperiments(now: number, newId: () => string): Experiment[] {
  const experiment = (daysAgo: number, more: Partial<Experiment>): Experiment => ({
    experiment_id: newId(),
    name: '',
    design: 'interleaving',
    metric: 'watched',
    share_percent: 50,
    stop: { people: 1_000, days: 28, window_days: 7 },
    current: version(90 - daysAgo),
    challenger: version(190 - daysAgo),
    hyperparameters: {},
    verdict: 'stopped',
    started_at: new Date(now - (daysAgo + 16) * DAY).toISOString(),
    ends_at: new Date(now + (12 - daysAgo) * DAY).toISOString(),
    ended_at: new Date(now - daysAgo * DAY).toISOString(),
    ...more,
  });
  const results = (current: number, challenger: number, mean: number, low: number, high: number) => ({
    measured_at: new Date(now - 9 * DAY).toISOString(),
    people_shown: 1_104,
    people_measured: 861,
    current: { people: 861, titles: current },
    challenger: { people: 861, titles: challenger },
    difference: { mean, low, high },
    sample_ratio_mismatch: false,
  });
  return [
    experiment(19, {
      name: 'Shorter taste memory',
      hyperparameters: { taste_half_life_days: '120' },
      verdict: 'no_difference',
      results: results(702, 689, -0.015, -0.14, 0.11),
    }),
    experiment(38, {
      name: 'Longer popularity window',
      hyperparameters: { half_life_days: '45' },
      verdict: 'challenger_wins',
      results: results(640, 811, 0.199, 0.012, 0.386),
    }),
    experiment(60, {
      name: 'First experiment',
      design: 'split',
      metric: 'started',
      verdict: 'sample_ratio_mismatch',
      results: {
        ...results(410, 201, -0.19, -0.4, 0.02),
        current: { people: 561, titles: 410 },
        challenger: { people: 300, titles: 201 },
        sample_ratio_mismatch: true,
      },
    }),
  ];
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
