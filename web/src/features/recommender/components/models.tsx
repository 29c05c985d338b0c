import { BrainCircuit, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { Model, Recommender, Retraining } from '@/api/types';
import { count, percent } from '@/format/amounts';
import { ago, date } from '@/format/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { EmptyPanel } from '@/ui/empty-state';
import { Bulbs } from '@/ui/spinner';
import { besidePopular, isJudged, toldOf, whyNoRetraining } from '../rules';
import { RetrainDialog } from './retrain-form';
import { Facts, Gated, Section, Told } from './section';

/** Which model serves, which one stands beside it, and what is at work. */
export function Models({ recommender }: { recommender: Recommender }) {
  const { current, challenger, recipe, retrainings, at_work } = recommender;
  const [asking, setAsking] = useState(false);
  const why = whyNoRetraining(recommender);
  const highest = Math.max(...[current, challenger].map((model) => model?.metrics.ndcg_at_100 ?? 0));
  const runOf = (id: string | null | undefined) => retrainings.find(({ run_id }) => run_id === id);

  return (
    <Section
      title="Models"
      action={
        <Gated why={why}>
          <Button look="primary" isDisabled={why !== undefined} onPress={() => setAsking(true)}>
            <RotateCw aria-hidden="true" className="size-4" /> Retrain
          </Button>
        </Gated>
      }
    >
      {at_work && <AtWork run={runOf(at_work)} />}
      {current ? (
        <div className="grid gap-5 lg:grid-cols-2">
          <ModelCard model={current} as="serves" highest={highest} run={runOf(current.run_id)} />
          {challenger ? (
            <ModelCard model={challenger} as="challenges" highest={highest} run={runOf(challenger.run_id)} />
          ) : (
            <NoChallenger />
          )}
        </div>
      ) : (
        <div className="rounded-2xl border border-surface-800">
          <EmptyPanel
            picture={<BrainCircuit aria-hidden="true" className="size-7" />}
            title={at_work ? 'The first model is being trained' : 'Nothing was trained yet'}
          >
            <p className="max-w-md text-balance text-muted">
              Until then titles are recommended by what is said about them.{' '}
              {!at_work && 'A training begins every night; with “Retrain” one begins now.'}
            </p>
          </EmptyPanel>
        </div>
      )}
      {toldOf(recipe) !== '' && (
        <div className="flex flex-wrap items-center gap-2 text-sm text-muted">
          <p>Every training is told, as the last challenger that won was:</p>
          <Told hyperparameters={recipe} />
        </div>
      )}
      <RetrainDialog isOpen={asking} onClose={() => setAsking(false)} />
    </Section>
  );
}

function AtWork({ run }: { run: Retraining | undefined }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl bg-info-900 px-5 py-3.5 text-info-400">
      <Bulbs label="At work" small />
      <p className="font-semibold">
        A retraining is at work{run && `, begun ${ago(run.started_at, Date.now())}`}
        {run && (run.started_by ? ' by hand' : ' by the schedule')}.
      </p>
      {run && <Told hyperparameters={run.hyperparameters} />}
    </div>
  );
}

const roles = {
  serves: { badge: 'Serves', look: 'good', label: 'The model that serves', bar: 'bg-success-400' },
  challenges: { badge: 'Challenger', look: 'new', label: 'The challenger', bar: 'bg-accent-400' },
} as const;

interface ModelCardProps {
  model: Model;
  as: keyof typeof roles;
  /** The NDCG@100 that fills a bar, so that two cards can be compared. */
  highest: number;
  run: Retraining | undefined;
}

function ModelCard({ model, as, highest, run }: ModelCardProps) {
  const { metrics, model_version, since } = model;
  const { badge, look, label, bar } = roles[as];
  const most = Math.max(highest, metrics.popularity_ndcg_at_100, 1e-9);
  return (
    <article
      aria-label={label}
      className="flex flex-col gap-5 rounded-2xl border border-surface-800 bg-surface-900 p-5 sm:p-6"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 items-center gap-3">
          <h3 className="truncate text-2xl">{model_version}</h3>
          <Badge look={look}>{badge}</Badge>
        </div>
        <p className="text-sm text-muted">
          since <time dateTime={since}>{date(since)}</time>, {ago(since, Date.now())}
        </p>
      </div>
      {isJudged(metrics) ? (
        <div className="flex flex-col gap-2.5">
          <p className="text-sm text-muted">NDCG@100</p>
          <Bar name="This model" value={metrics.ndcg_at_100} share={metrics.ndcg_at_100 / most} look={bar} />
          <Bar
            name="The popular"
            value={metrics.popularity_ndcg_at_100}
            share={metrics.popularity_ndcg_at_100 / most}
            look="bg-faint"
          />
          <p className="text-sm text-secondary">{besidePopular(metrics)}</p>
        </div>
      ) : (
        <p className="text-secondary">
          Too few people could be held out to judge it. It serves because it passed the smoke test.
        </p>
      )}
      <Facts
        facts={[
          ...(isJudged(metrics)
            ? [
                { name: 'Recall@20', value: metrics.recall_at_20.toFixed(3) },
                { name: 'Recall@50', value: metrics.recall_at_50.toFixed(3) },
                { name: 'Coverage', value: percent(metrics.coverage) },
              ]
            : []),
          { name: 'Measured on', value: `${count(metrics.held_out_people)} people` },
        ]}
      />
      {run && toldOf(run.hyperparameters) !== '' && <Told hyperparameters={run.hyperparameters} />}
    </article>
  );
}

interface BarProps {
  name: string;
  value: number;
  share: number;
  look: string;
}

function Bar({ name, value, share, look }: BarProps) {
  return (
    <div className="grid grid-cols-[5.5rem_1fr_3rem] items-center gap-3 text-sm">
      <span>{name}</span>
      <span aria-hidden="true" className="h-2.5 overflow-hidden rounded-full bg-surface-800">
        <span className={`block h-full rounded-full ${look}`} style={{ width: `${share * 100}%` }} />
      </span>
      <span className="text-right font-semibold tabular-nums">{value.toFixed(3)}</span>
    </div>
  );
}

function NoChallenger() {
  return (
    <div className="flex flex-col items-center justify-center gap-1 rounded-2xl border border-dashed border-surface-600 p-6 text-center">
      <p className="font-semibold">No challenger stands beside it</p>
      <p className="max-w-sm text-sm text-muted">
        Retrain one with other hyperparameters, and an experiment can tell with which of both people do more.
      </p>
    </div>
  );
}
