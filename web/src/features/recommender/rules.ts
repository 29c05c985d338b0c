import type { Experiment, ExperimentResults, Interval, ModelMetrics, Recommender, Retraining } from '@/api/types';
import { formatCount, pluralize } from '@/format/amounts';

/** With fewer held-out viewers, metrics are not reliable. */
const MIN_HELD_OUT_PEOPLE = 20;

export function isReliable(metrics: ModelMetrics): boolean {
  return metrics.held_out_people >= MIN_HELD_OUT_PEOPLE;
}

/** Compares a model to the popularity baseline. */
export function comparedToPopularity({ ndcg_at_100: own, popularity_ndcg_at_100: popularity }: ModelMetrics): string {
  if (own < popularity) return 'Worse than the popularity baseline.';
  if (popularity === 0) return 'The popularity baseline scores 0.';
  return `${(own / popularity).toFixed(1)}× the popularity baseline.`;
}

export const runStateNames: Record<Retraining['state'], string> = {
  running: 'Running',
  promoted: 'Promoted',
  challenging: 'Challenger',
  refused: 'Rejected',
  rolled_back: 'Rolled back',
  failed: 'Failed',
};

/** The running experiment, if any. */
export function runningExperiment({ experiments }: Pick<Recommender, 'experiments'>): Experiment | undefined {
  return experiments.find(({ verdict }) => verdict === 'running');
}

/** The time until the next poll, in ms. A training run takes minutes; experiments are measured every six hours. */
export function pollDelay(recommender: Recommender): number | false {
  if (recommender.active_run) return 4_000;
  return runningExperiment(recommender) ? 20_000 : false;
}

/** Why no experiment can start; undefined if one can. */
export function experimentBlocker(recommender: Recommender): string | undefined {
  if (runningExperiment(recommender)) return 'An experiment is running. Wait for it to end, or stop it.';
  if (recommender.active_run) return 'A retraining is running and may change the models. Wait for it to end.';
  if (!recommender.current) return 'There is no trained model yet. Retrain first.';
  if (!recommender.challenger) return 'There is no challenger to compare. Retrain, and choose “Run as challenger”.';
  return undefined;
}

/** Why no retraining can start, as far as the page knows. */
export function retrainingBlocker(recommender: Recommender): string | undefined {
  if (recommender.active_run) return 'A retraining is running.';
  return runningExperiment(recommender) && 'An experiment is running, and its models must not change.';
}

/** Parses lines such as `dimensions=128`, or returns an error. */
export function parseHyperparameters(text: string): { values: Record<string, string> } | { error: string } {
  const values: Record<string, string> = {};
  for (const { number, name, value } of linesOf(text)) {
    if (value === undefined) return { error: `Line ${number} has no “=”: write name=value.` };
    if (Object.hasOwn(values, name)) return { error: `Line ${number} repeats “${name}”.` };
    values[name] = value;
  }
  return { values };
}

function linesOf(text: string) {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [name = '', ...rest] = line.split('=');
    return [{ number: index + 1, name: name.trim(), value: rest.length > 0 ? rest.join('=').trim() : undefined }];
  });
}

/** The service’s errors about hyperparameters, with their line numbers. */
export function lineErrors(text: string, fields: Record<string, string>): string {
  const lines = linesOf(text);
  return Object.entries(fields)
    .filter(([field]) => field === 'hyperparameters' || field.startsWith('hyperparameters/'))
    .map(([field, detail]) => {
      const name = field.slice('hyperparameters/'.length);
      const line = lines.find((each) => each.name === name && field !== 'hyperparameters');
      return line ? `Line ${line.number}, “${name}”: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}` : detail;
    })
    .join(' ');
}

/** `dimensions=128, iterations=20`. */
export function formatHyperparameters(hyperparameters: Record<string, string>): string {
  return Object.entries(hyperparameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

export const designs: Record<Experiment['design'], { name: string; note: string }> = {
  interleaving: {
    name: 'Interleaving',
    note: 'Each viewer’s personal row alternates between both models. Needs far fewer viewers, because each one compares both.',
  },
  split: {
    name: 'Split',
    note: 'Half of the viewers get one model for every row, half the other. Shows the effect on everything they watch.',
  },
};

export const metricNames: Record<Experiment['metric'], string> = {
  started: 'Titles started (at least 5% watched)',
  watched: 'Titles watched (at least half)',
  liked: 'Titles liked',
};

export const verdictNames: Record<Experiment['verdict'], string> = {
  running: 'Running',
  challenger_wins: 'Challenger won',
  current_wins: 'Current model won',
  no_difference: 'No difference',
  sample_ratio_mismatch: 'Uneven split',
  not_measured: 'Not measured',
  stopped: 'Stopped',
};

/** What a verdict means and what follows from it. */
export const verdictTexts: Record<Exclude<Experiment['verdict'], 'running'>, string> = {
  challenger_wins: 'The challenger did better. Future retrainings use its hyperparameters.',
  current_wins: 'The challenger did worse. Nothing changes.',
  no_difference: 'Neither model was clearly better. Nothing changes.',
  sample_ratio_mismatch:
    'The split should have been even and was not, so the results are not reliable. Check whether one model responds late or not at all.',
  not_measured:
    'The experiment ended, but its results could not be calculated: the log of the service says why. Nothing changes.',
  stopped: 'An admin stopped it early. Nothing changes.',
};

/** An experiment needs at least this many viewers for a verdict. */
const MIN_PEOPLE = 100;

/** Summarizes the results of an experiment. */
export function resultSummary(
  { metric, stop }: Pick<Experiment, 'metric' | 'stop'>,
  results: ExperimentResults | null | undefined,
): string {
  if (!results || results.people_shown === 0) return 'No viewers have seen this experiment yet.';
  if (results.sample_ratio_mismatch) return verdictTexts.sample_ratio_mismatch;
  if (results.people_measured === 0) {
    return `No results yet. Each viewer is measured after ${pluralize(stop.window_days, 'day')}.`;
  }
  if (!results.difference) return 'Too few viewers have been measured so far.';
  const summary = intervalSummary(results.difference, metric);
  if (results.people_measured >= MIN_PEOPLE) return summary;
  return `${summary} No conclusion is drawn from fewer than ${MIN_PEOPLE} viewers.`;
}

/** Explains a confidence interval. It is valid however often it is checked. */
export function intervalSummary({ low, high }: Interval, metric: Experiment['metric']): string {
  const [from, to] = [Math.abs(low).toFixed(2), Math.abs(high).toFixed(2)];
  const titles = `titles ${metric} per viewer with the challenger`;
  if (low > 0) return `Between ${from} and ${to} more ${titles}: it is better.`;
  if (high < 0) return `Between ${to} and ${from} fewer ${titles}: the current model is better.`;
  return `Between ${from} fewer and ${to} more ${titles}. The interval includes zero, so neither model is clearly better.`;
}

/** `+0.21`; negative numbers get a real minus sign. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

/** The position of an interval on a line with zero in the middle, in percent of its length. */
export function intervalPosition({ low, mean, high }: Interval) {
  const reach = Math.max(Math.abs(low), Math.abs(high), 1e-9) * 1.15;
  const at = (value: number) => 50 + (value / reach) * 50;
  return { left: at(low), mean: at(mean), width: at(high) - at(low) };
}

/** The service’s limits. The window must also be shorter than the maximum days. */
export const bounds = {
  share_percent: [1, 100],
  people: [MIN_PEOPLE, 500_000],
  days: [2, 90],
  window_days: [1, 89],
} as const;

/** The error of a typed number; null if it is valid. */
export function numberError(text: string, [min, max]: readonly [number, number]): string | null {
  const valid = /^\s*\d+\s*$/.test(text) && Number(text) >= min && Number(text) <= max;
  return valid ? null : `Must be a whole number from ${formatCount(min)} to ${formatCount(max)}.`;
}
