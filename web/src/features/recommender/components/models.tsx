import { BrainCircuit, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { Model, Recommender, Retraining } from '@/api/types';
import { formatCount, formatPercent } from '@/format/amounts';
import { formatDate, relativeTime } from '@/format/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';
import { Spinner } from '@/ui/spinner';
import { comparedToPopularity, formatHyperparameters, isReliable, retrainingBlocker } from '../rules';
import { MetricsHelp } from './metrics-help';
import { RetrainDialog } from './retrain-form';
import { BlockedAction, Facts, Hyperparameters, Section } from './section';

/** The current model, its challenger, and a running retraining. */
export function Models({ recommender }: { recommender: Recommender }) {
  const { current, challenger, hyperparameters, retrainings, active_run } = recommender;
  const [dialogOpen, setDialogOpen] = useState(false);
  const blocker = retrainingBlocker(recommender);
  const highest = Math.max(...[current, challenger].map((model) => model?.metrics.ndcg_at_100 ?? 0));
  const runOf = (id: string | null | undefined) => retrainings.find(({ run_id }) => run_id === id);

  return (
    <Section
      title="Models"
      action={
        <BlockedAction reason={blocker}>
          <Button variant="primary" isDisabled={blocker !== undefined} onPress={() => setDialogOpen(true)}>
            <RotateCw aria-hidden="true" className="size-4" /> Retrain
          </Button>
        </BlockedAction>
      }
    >
      <p className="max-w-prose text-secondary">
        The current model chooses the films that each viewer sees first. A challenger is a second model that is compared
        with it before it replaces it.
      </p>
      {active_run && <RunningRetraining run={runOf(active_run)} />}
      {current ? (
        <div className="grid gap-5 lg:grid-cols-2">
          <ModelCard model={current} as="current" highest={highest} run={runOf(current.run_id)} />
          {challenger ? (
            <ModelCard model={challenger} as="challenger" highest={highest} run={runOf(challenger.run_id)} />
          ) : (
            <NoChallenger />
          )}
        </div>
      ) : (
        <div className="rounded-2xl border border-surface-800">
          <EmptyState
            icon={<BrainCircuit aria-hidden="true" className="size-7" />}
            title={active_run ? 'The first model is being trained' : 'No model yet'}
          >
            <p className="max-w-md text-balance text-muted">
              Until there is one, titles are recommended by their descriptions.{' '}
              {!active_run && 'Training runs every night; “Retrain” starts one now.'}
            </p>
          </EmptyState>
        </div>
      )}
      {current && <MetricsHelp />}
      {formatHyperparameters(hyperparameters) !== '' && (
        <div className="flex flex-wrap items-center gap-2 text-sm text-muted">
          <p>The next retraining starts from the hyperparameters of the last winning challenger:</p>
          <Hyperparameters hyperparameters={hyperparameters} />
        </div>
      )}
      <RetrainDialog isOpen={dialogOpen} onClose={() => setDialogOpen(false)} />
    </Section>
  );
}

function RunningRetraining({ run }: { run: Retraining | undefined }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl bg-info-900 px-5 py-3.5 text-info-400">
      <Spinner label="Retraining" small />
      <p className="font-semibold">
        {run
          ? `Retraining started ${run.started_by ? 'manually' : 'on schedule'} ${relativeTime(run.started_at, Date.now())}.`
          : 'A retraining is running.'}
      </p>
      {run && <Hyperparameters hyperparameters={run.hyperparameters} />}
    </div>
  );
}

const roles = {
  current: { badge: 'Current', variant: 'success', label: 'Current model', bar: 'bg-success-400' },
  challenger: { badge: 'Challenger', variant: 'accent', label: 'Challenger', bar: 'bg-accent-400' },
} as const;

interface ModelCardProps {
  model: Model;
  as: keyof typeof roles;
  /** The NDCG@100 of a full bar, the same on both cards. */
  highest: number;
  run: Retraining | undefined;
}

function ModelCard({ model, as, highest, run }: ModelCardProps) {
  const { metrics, model_version, since } = model;
  const { badge, variant, label, bar } = roles[as];
  const fullBar = Math.max(highest, metrics.popularity_ndcg_at_100, 1e-9);
  return (
    <article
      aria-label={label}
      className="flex flex-col gap-5 rounded-2xl border border-surface-800 bg-surface-900 p-5 sm:p-6"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 items-center gap-3">
          <h3 className="truncate text-2xl">{model_version}</h3>
          <Badge variant={variant}>{badge}</Badge>
        </div>
        <p className="text-sm text-muted">
          since <time dateTime={since}>{formatDate(since)}</time>
        </p>
      </div>
      {isReliable(metrics) ? (
        <div className="flex flex-col gap-2.5">
          <p className="text-sm text-muted">NDCG@100</p>
          <Bar name="This model" value={metrics.ndcg_at_100} share={metrics.ndcg_at_100 / fullBar} barClass={bar} />
          <Bar
            name="Popularity"
            value={metrics.popularity_ndcg_at_100}
            share={metrics.popularity_ndcg_at_100 / fullBar}
            barClass="bg-faint"
          />
          <p className="text-sm text-secondary">{comparedToPopularity(metrics)}</p>
        </div>
      ) : (
        <p className="text-secondary">
          Too few viewers for reliable metrics. It went live because it passed a basic check.
        </p>
      )}
      <Facts
        facts={[
          ...(isReliable(metrics)
            ? [
                { name: 'Recall@20', value: metrics.recall_at_20.toFixed(3) },
                { name: 'Recall@50', value: metrics.recall_at_50.toFixed(3) },
                { name: 'Coverage', value: formatPercent(metrics.coverage) },
              ]
            : []),
          { name: 'Measured on', value: `${formatCount(metrics.held_out_people)} viewers` },
        ]}
      />
      {run && formatHyperparameters(run.hyperparameters) !== '' && (
        <Hyperparameters hyperparameters={run.hyperparameters} />
      )}
    </article>
  );
}

interface BarProps {
  name: string;
  value: number;
  share: number;
  barClass: string;
}

function Bar({ name, value, share, barClass }: BarProps) {
  return (
    <div className="grid grid-cols-[5.5rem_1fr_3rem] items-center gap-3 text-sm">
      <span>{name}</span>
      <span aria-hidden="true" className="h-2.5 overflow-hidden rounded-full bg-surface-800">
        <span className={`block h-full rounded-full ${barClass}`} style={{ width: `${share * 100}%` }} />
      </span>
      <span className="text-right font-semibold tabular-nums">{value.toFixed(3)}</span>
    </div>
  );
}

function NoChallenger() {
  return (
    <div className="flex flex-col items-center justify-center gap-1 rounded-2xl border border-dashed border-surface-600 p-6 text-center">
      <p className="font-semibold">No challenger</p>
      <p className="max-w-sm text-sm text-muted">
        To get one, retrain with other hyperparameters and choose “Run as challenger”. Then compare both models in an
        experiment.
      </p>
    </div>
  );
}
