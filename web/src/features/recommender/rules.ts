import type { Experiment, ExperimentResults, Interval, ModelMetrics, Recommender, Retraining } from '@/api/types';
import { formatCount } from '@/format/amounts';

/** With fewer held-out people a metric says nothing. */
const MIN_HELD_OUT_PEOPLE = 20;

export function isReliable(metrics: ModelMetrics): boolean {
  return metrics.held_out_people >= MIN_HELD_OUT_PEOPLE;
}

/** How a model stands to always showing the popular. */
export function comparedToPopularity({ ndcg_at_100: own, popularity_ndcg_at_100: popular }: ModelMetrics): string {
  if (own < popular) return 'Always showing the popular would do better.';
  if (popular === 0) return 'Always showing the popular finds nothing.';
  return `${(own / popular).toFixed(1)} times what always showing the popular reaches.`;
}

export const runStateNames: Record<Retraining['state'], string> = {
  running: 'At work',
  promoted: 'Promoted',
  challenging: 'Challenger',
  refused: 'Refused',
  rolled_back: 'Rolled back',
  failed: 'Failed',
};

/** The experiment that goes on. */
export function runningExperiment({ experiments }: Pick<Recommender, 'experiments'>): Experiment | undefined {
  return experiments.find(({ verdict }) => verdict === 'running');
}

/** How long until the next look: a run takes minutes, an experiment is measured every six hours. */
export function pollDelay(recommender: Recommender): number | false {
  if (recommender.at_work) return 4_000;
  return runningExperiment(recommender) ? 20_000 : false;
}

/** Why no experiment can begin; nothing if one can. */
export function experimentBlocker(recommender: Recommender): string | undefined {
  if (runningExperiment(recommender)) return 'One goes on: wait for its end, or stop it.';
  if (recommender.at_work) return 'A retraining is at work, and may change the models: wait for its end.';
  if (!recommender.current) return 'There is no trained model yet. Retrain first.';
  if (!recommender.challenger)
    return 'There is no challenger to compare with. Retrain one that stands beside the model.';
  return undefined;
}

/** Why no retraining can begin, as far as is known here. */
export function retrainingBlocker(recommender: Recommender): string | undefined {
  if (recommender.at_work) return 'A retraining is at work.';
  return runningExperiment(recommender) && 'While an experiment goes on, its models stay what they are.';
}

/** Lines such as `dimensions=128`; or what is wrong with them. */
export function parseHyperparameters(text: string): { values: Record<string, string> } | { wrong: string } {
  const values: Record<string, string> = {};
  for (const { number, name, value } of linesOf(text)) {
    if (value === undefined) return { wrong: `Line ${number} has no “=”: write name=value.` };
    if (Object.hasOwn(values, name)) return { wrong: `Line ${number} says “${name}” once more.` };
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

/** What the service says of single hyperparameters, at the lines where they stand. */
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
    note: 'Everybody’s own row takes turns between both models. Needs far fewer people, for each is compared with themselves.',
  },
  split: {
    name: 'Split',
    note: 'Half of the people get one model for every row, half the other. Shows what a model does to all that people watch.',
  },
};

export const metricNames: Record<Experiment['metric'], string> = {
  begun: 'Titles begun (a twentieth watched)',
  watched: 'Titles watched (half of it)',
  liked: 'Titles liked',
};

export const verdictNames: Record<Experiment['verdict'], string> = {
  running: 'Goes on',
  challenger_wins: 'The challenger won',
  current_wins: 'The current model won',
  no_difference: 'No difference seen',
  sample_ratio_mismatch: 'Uneven halves',
  not_measured: 'Not measured',
  stopped: 'Stopped',
};

/** What an end means, and what follows. */
export const verdictTexts: Record<Exclude<Experiment['verdict'], 'running'>, string> = {
  challenger_wins: 'People do more with the challenger. From the next retraining on models are trained as it was.',
  current_wins: 'People do less with the challenger. Nothing changes.',
  no_difference: 'Until its end neither model was seen to be better. Nothing changes.',
  sample_ratio_mismatch:
    'Chance should give both models as many people, and did not. Look whether one of them answers late or not at all; the results say nothing.',
  not_measured:
    'Its days are over, and it could not be measured: look into the log of measure-experiment. Nothing changes.',
  stopped: 'An admin stopped it before its rule did. Nothing changes.',
};

/** Fewer people than this end nothing. */
const MIN_PEOPLE = 100;

/** What has come of an experiment, in one sentence. */
export function resultSummary(
  { metric, stop }: Pick<Experiment, 'metric' | 'stop'>,
  results: ExperimentResults | null | undefined,
): string {
  if (!results || results.people_shown === 0) return 'Nobody who takes part has been shown anything yet.';
  if (results.sample_ratio_mismatch) return verdictTexts.sample_ratio_mismatch;
  if (results.people_measured === 0) {
    return `Nobody is measured yet: what people do counts when their ${pluralize(stop.window_days, 'day')} are over.`;
  }
  if (!results.difference) return 'So far too few people are measured to say anything.';
  const says = intervalSummary(results.difference, metric);
  if (results.people_measured >= MIN_PEOPLE) return says;
  return `${says} From fewer than ${MIN_PEOPLE} people nothing is concluded.`;
}

/** What an interval means: it holds however often one variants. */
export function intervalSummary({ low, high }: Interval, metric: Experiment['metric']): string {
  const [from, to] = [Math.abs(low).toFixed(2), Math.abs(high).toFixed(2)];
  const titles = `titles ${metric} a person with the challenger`;
  if (low > 0) return `Between ${from} and ${to} more ${titles}: it does better.`;
  if (high < 0) return `Between ${to} and ${from} fewer ${titles}: the current model does better.`;
  return `Between ${from} fewer and ${to} more ${titles}. Zero lies between them, so neither is known to be better.`;
}

/** `+0.21`, with a true minus. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

/** Where an interval lies on a line that has zero in its middle, in hundredths of its length. */
export function intervalPosition({ low, mean, high }: Interval) {
  const reach = Math.max(Math.abs(low), Math.abs(high), 1e-9) * 1.15;
  const at = (value: number) => 50 + (value / reach) * 50;
  return { left: at(low), mean: at(mean), width: at(high) - at(low) };
}

/** What the service takes; the window is shorter than the days. */
export const bounds = {
  share_percent: [1, 100],
  people: [MIN_PEOPLE, 500_000],
  days: [2, 90],
  window_days: [1, 89],
} as const;

/** What is wrong with a number's text; nothing if nothing is. */
export function numberError(text: string, [least, most]: readonly [number, number]): string | null {
  const good = /^\s*\d+\s*$/.test(text) && Number(text) >= least && Number(text) <= most;
  return good ? null : `Must be a whole number from ${formatCount(least)} to ${formatCount(most)}.`;
}

export function pluralize(number: number, thing: string): string {
  return `${formatCount(number)} ${thing}${number === 1 ? '' : 's'}`;
}
