import { useState } from 'react';
import type { Recommender, Retraining } from '@/api/types';
import { formatCount, formatPercent } from '@/format/amounts';
import { formatDateTime, formatDuration, relativeTime } from '@/format/time';
import { Badge, type BadgeVariant } from '@/ui/badge';
import { Button } from '@/ui/button';
import { isReliable, runStateNames } from '../rules';
import { MetricsChart } from './metrics-chart';
import { Hyperparameters, Section } from './section';

/** So many runs are shown at first. */
const INITIAL_ROWS = 8;

/** How the last runs went: drawn, and in numbers. */
export function Runs({ recommender }: { recommender: Recommender }) {
  const [all, setAll] = useState(false);
  const { retrainings, current, challenger } = recommender;
  const shown = all ? retrainings : retrainings.slice(0, INITIAL_ROWS);
  const roleOf = ({ run_id }: Retraining) =>
    run_id === current?.run_id
      ? 'The model that serves'
      : run_id === challenger?.run_id
        ? 'Stands beside the model'
        : undefined;

  return (
    <Section title="Runs">
      {retrainings.length === 0 ? (
        <p className="rounded-2xl border border-surface-800 px-6 py-10 text-center text-muted">
          No training has run yet. How good each model is will be drawn here, run by run.
        </p>
      ) : (
        <>
          <MetricsChart retrainings={retrainings} />
          <section
            aria-label="Runs in numbers"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled sideways must be reached by the keyboard
            tabIndex={0}
            className="overflow-x-auto rounded-2xl border border-surface-800"
          >
            <table className="w-full min-w-240 text-left">
              <caption className="sr-only">The last runs, newest first</caption>
              <thead className="bg-surface-900 text-sm text-muted">
                <tr>
                  <th className="px-5 py-3 font-medium">ExistingUpload</th>
                  <th className="px-4 py-3 font-medium">How it went</th>
                  <th className="px-2.5 py-3 text-right font-medium">NDCG@100</th>
                  <th className="px-2.5 py-3 text-right font-medium">Popular</th>
                  <th className="px-2.5 py-3 text-right font-medium">Recall@20</th>
                  <th className="px-2.5 py-3 text-right font-medium">@50</th>
                  <th className="px-2.5 py-3 text-right font-medium">Coverage</th>
                  <th className="px-2.5 py-3 text-right font-medium">People</th>
                  <th className="px-5 py-3 font-medium">Hyperparameters</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((run) => (
                  <RunRow key={run.run_id} run={run} role={roleOf(run)} />
                ))}
              </tbody>
            </table>
          </section>
          {retrainings.length > shown.length && (
            <div className="flex justify-center">
              <Button onPress={() => setAll(true)}>Show all {retrainings.length} runs</Button>
            </div>
          )}
        </>
      )}
    </Section>
  );
}

const variants: Record<Retraining['state'], BadgeVariant> = {
  running: 'info',
  promoted: 'success',
  challenging: 'accent',
  refused: 'danger',
  rolled_back: 'danger',
  failed: 'danger',
};

function RunRow({ run, role }: { run: Retraining; role: string | undefined }) {
  const { metrics } = run;
  const judged = metrics && isReliable(metrics) ? metrics : undefined;
  const numbers = [
    judged?.ndcg_at_100.toFixed(3),
    judged?.popularity_ndcg_at_100.toFixed(3),
    judged?.recall_at_20.toFixed(3),
    judged?.recall_at_50.toFixed(3),
    judged && formatPercent(judged.coverage),
    metrics && formatCount(metrics.held_out_people),
  ];
  return (
    <tr className="border-t border-surface-800 align-top">
      <th scope="row" className="px-5 py-3.5 text-sm font-normal whitespace-nowrap">
        <time dateTime={run.started_at} title={formatDateTime(run.started_at)} className="font-semibold">
          {relativeTime(run.started_at, Date.now())}
        </time>
        <span className="block text-muted">
          {run.started_by ? 'by hand' : 'scheduled'}
          {run.ended_at && `, ${formatDuration(Date.parse(run.ended_at) - Date.parse(run.started_at))}`}
        </span>
      </th>
      <td className="max-w-80 min-w-60 px-4 py-3.5 text-sm">
        <Badge variant={variants[run.state]}>{runStateNames[run.state]}</Badge>
        {role && <p className="mt-1.5 text-secondary">{role}</p>}
        {run.sentence && <p className="mt-1.5 text-secondary">{run.sentence}</p>}
        {metrics && !judged && <p className="mt-1.5 text-muted">Too few people to judge it.</p>}
      </td>
      {numbers.map((number, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns stay where they are
        <td key={column} className="px-2.5 py-3.5 text-right text-sm tabular-nums">
          {number ?? <span className="text-muted">–</span>}
        </td>
      ))}
      <td className="min-w-40 px-5 py-3.5 text-sm">
        <Hyperparameters hyperparameters={run.hyperparameters} />
      </td>
    </tr>
  );
}
