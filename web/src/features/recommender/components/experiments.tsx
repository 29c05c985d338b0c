import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import type { Experiment, Recommender } from '@/api/types';
import { formatCount } from '@/format/amounts';
import { formatDate } from '@/format/time';
import { Badge, type BadgeVariant } from '@/ui/badge';
import { Button } from '@/ui/button';
import {
  designs,
  experimentBlocker,
  formatHyperparameters,
  intervalSummary,
  runningExperiment,
  verdictNames,
  verdictTexts,
} from '../rules';
import { ExperimentDialog } from './experiment-form';
import { IntervalBar } from './interval-bar';
import { RunningExperiment } from './running-experiment';
import { BlockedAction, Hyperparameters, Section } from './section';

/** The running experiment and the past ones. */
export function Experiments({ recommender }: { recommender: Recommender }) {
  const [dialogOpen, setDialogOpen] = useState(false);
  const blocker = experimentBlocker(recommender);
  const running = runningExperiment(recommender);
  const past = recommender.experiments.filter(({ verdict }) => verdict !== 'running');

  return (
    <Section
      title="Experiments"
      action={
        <BlockedAction reason={blocker}>
          <Button isDisabled={blocker !== undefined} onPress={() => setDialogOpen(true)}>
            <FlaskConical aria-hidden="true" className="size-4" /> Start an experiment
          </Button>
        </BlockedAction>
      }
    >
      {running && <RunningExperiment experiment={running} />}
      {past.length > 0 && (
        <ul aria-label="Past experiments" className="flex flex-col gap-3">
          {past.map((experiment) => (
            <PastExperiment key={experiment.experiment_id} experiment={experiment} />
          ))}
        </ul>
      )}
      {recommender.experiments.length === 0 && (
        <p className="rounded-2xl border border-surface-800 px-6 py-10 text-center text-muted">
          No experiments yet. An experiment shows which of two models viewers actually watch more with; metrics only
          predict it.
        </p>
      )}
      <ExperimentDialog isOpen={dialogOpen} onClose={() => setDialogOpen(false)} />
    </Section>
  );
}

const variants: Record<Experiment['verdict'], BadgeVariant> = {
  running: 'info',
  challenger_wins: 'success',
  current_wins: 'neutral',
  no_difference: 'neutral',
  sample_ratio_mismatch: 'danger',
  not_measured: 'danger',
  stopped: 'neutral',
};

function PastExperiment({ experiment }: { experiment: Experiment }) {
  const { name, verdict, design, results, current, challenger, hyperparameters, started_at, ended_at } = experiment;
  if (verdict === 'running') return null;
  const difference = results?.difference && verdict !== 'sample_ratio_mismatch' ? results.difference : undefined;
  return (
    <li className="grid gap-x-8 gap-y-4 rounded-2xl border border-surface-800 p-5 md:grid-cols-[1fr_18rem]">
      <div className="flex min-w-0 flex-col gap-2">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h3 className="text-lg [overflow-wrap:anywhere]">{name}</h3>
          <Badge variant={variants[verdict]}>{verdictNames[verdict]}</Badge>
        </div>
        <p className="text-secondary">{verdictTexts[verdict]}</p>
        <p className="text-sm text-muted">
          {designs[design].name}: challenger {challenger} vs. current {current}, {formatDate(started_at)}
          {ended_at && ` to ${formatDate(ended_at)}`}
          {results && `, measured on ${formatCount(results.people_measured)} viewers`}
        </p>
        {formatHyperparameters(hyperparameters) !== '' && <Hyperparameters hyperparameters={hyperparameters} />}
      </div>
      {difference && (
        <div className="flex flex-col justify-center gap-2">
          <IntervalBar interval={difference} />
          <p className="sr-only">{intervalSummary(difference, experiment.metric)}</p>
        </div>
      )}
    </li>
  );
}
