import { Square } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import type { Experiment, ExperimentResults } from '@/api/types';
import { formatCount } from '@/format/amounts';
import { formatDate, relativeTime } from '@/format/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemAlert } from '@/ui/problem-panel';
import { Progress } from '@/ui/progress';
import { useStopExperiment } from '../api';
import { designs, formatHyperparameters, metricNames, resultSummary } from '../rules';
import { IntervalBar } from './interval-bar';
import { Facts, Hyperparameters } from './section';

/** The running experiment and its results so far. */
export function RunningExperiment({ experiment }: { experiment: Experiment }) {
  const { name, design, results, stop, ends_at, started_at, hyperparameters } = experiment;
  return (
    <article
      aria-label={`Experiment ${name}`}
      className="flex flex-col gap-6 rounded-2xl border border-surface-700 bg-surface-900 p-5 sm:p-6"
    >
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-col gap-2">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <h3 className="text-2xl [overflow-wrap:anywhere]">{name}</h3>
            <Badge variant="info">Running</Badge>
          </div>
          <p className="text-sm text-muted">
            {designs[design].name}: challenger {experiment.challenger} vs. current {experiment.current}, started{' '}
            {relativeTime(started_at, Date.now())}
          </p>
          {formatHyperparameters(hyperparameters) !== '' && <Hyperparameters hyperparameters={hyperparameters} />}
        </div>
        <StopButton experiment={experiment} />
      </div>
      <Facts
        facts={[
          { name: 'Metric', value: metricNames[experiment.metric] },
          { name: 'Share', value: `${experiment.share_percent}% of viewers` },
          { name: 'Viewers reached', value: formatCount(results?.people_shown ?? 0) },
          {
            name: 'Viewers measured',
            value: `${formatCount(results?.people_measured ?? 0)} of ${formatCount(stop.people)}`,
          },
        ]}
      />
      <Progress
        label="Viewers measured"
        percent={Math.min(100, ((results?.people_measured ?? 0) / stop.people) * 100)}
      />
      {results && <Outcome results={results} />}
      <p
        role="status"
        className={results?.sample_ratio_mismatch ? 'rounded-2xl bg-danger-900 px-4 py-3 text-danger-300' : ''}
      >
        {resultSummary(experiment, results)}
      </p>
      <p className="text-sm text-muted">
        It ends when the difference is clear or {formatCount(stop.people)} viewers are measured, by{' '}
        <time dateTime={ends_at}>{formatDate(ends_at)}</time> at the latest.{' '}
        {results
          ? `Last measured ${relativeTime(results.measured_at, Date.now())}.`
          : 'It is measured every six hours.'}
      </p>
    </article>
  );
}

function Outcome({ results }: { results: ExperimentResults }) {
  return (
    <div className="grid items-center gap-x-10 gap-y-6 md:grid-cols-[auto_1fr]">
      <table className="text-left text-sm">
        <caption className="sr-only">Counted titles by model</caption>
        <thead className="text-muted">
          <tr>
            <th className="py-1 pr-6 font-medium">Model</th>
            <th className="py-1 pr-6 text-right font-medium">Viewers</th>
            <th className="py-1 pr-6 text-right font-medium">Titles</th>
            <th className="py-1 text-right font-medium">Per viewer</th>
          </tr>
        </thead>
        <tbody className="tabular-nums">
          <ArmRow name="Challenger" arm={results.challenger} />
          <ArmRow name="Current" arm={results.current} />
        </tbody>
      </table>
      {results.difference && !results.sample_ratio_mismatch && <IntervalBar interval={results.difference} />}
    </div>
  );
}

function ArmRow({ name, arm }: { name: string; arm: ExperimentResults['current'] }) {
  return (
    <tr className="border-t border-surface-800">
      <th scope="row" className="py-2 pr-6 font-semibold">
        {name}
      </th>
      <td className="py-2 pr-6 text-right">{formatCount(arm.people)}</td>
      <td className="py-2 pr-6 text-right">{formatCount(arm.titles)}</td>
      <td className="py-2 text-right">{arm.people > 0 ? (arm.titles / arm.people).toFixed(2) : '–'}</td>
    </tr>
  );
}

function StopButton({ experiment }: { experiment: Experiment }) {
  const [dialogOpen, setDialogOpen] = useState(false);
  const stop = useStopExperiment(experiment.experiment_id);
  const close = () => {
    stop.reset();
    setDialogOpen(false);
  };
  return (
    <>
      <Button variant="danger" onPress={() => setDialogOpen(true)}>
        <Square aria-hidden="true" className="size-4" /> Stop
      </Button>
      <Dialog role="alertdialog" title={`Stop “${experiment.name}”?`} isOpen={dialogOpen} onClose={close}>
        <p className="text-secondary">
          The experiment ends without a verdict and cannot be resumed. Everyone gets the current model. Results so far
          are kept.
        </p>
        {stop.error && <ProblemAlert problem={toProblem(stop.error)} />}
        <div className="flex justify-end gap-3">
          <Button onPress={close}>Keep running</Button>
          <Button
            variant="danger"
            isPending={stop.isPending}
            onPress={() => stop.mutate(undefined, { onSuccess: close })}
          >
            {' '}
            Stop experiment
          </Button>
        </div>
      </Dialog>
    </>
  );
}
