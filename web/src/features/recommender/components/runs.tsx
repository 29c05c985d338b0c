import { useState } from 'react';
import type { Recommender, Retraining } from '@/api/types';
import { formatCount, formatPercent } from '@/format/amounts';
import { formatDateTime, formatDuration, relativeTime } from '@/format/time';
import { Badge, type BadgeVariant } from '@/ui/badge';
import { Button } from '@/ui/button';
import { isReliable, runStateNames } from '../rules';
import { MetricsChart } from './metrics-chart';
import { Hyperparameters, Section } from './section';

/** How many runs are shown at first. */
const INITIAL_ROWS = 8;

/** The recent training runs, as a chart and as a table. */
export function Runs({ recommender }: { recommender: Recommender }) {
  const [all, setAll] = useState(false);
  const { retrainings, current, challenger } = recommender;
  const shown = all ? retrainings : retrainings.slice(0, INITIAL_ROWS);
  const roleOf = ({ run_id }: Retraining) =>
    run_id === current?.run_id ? 'Current model' : run_id === challenger?.run_id ? 'Current challenger' : undefined;

  return (
    <Section title="Runs">
      {retrainings.length === 0 ? (
        <p className="rounded-2xl border border-surface-800 px-6 py-10 text-center text-muted">
          No training has run yet. The quality of each run will be charted here.
        </p>
      ) : (
        <>
          <MetricsChart retrainings={retrainings} />
          <section
            aria-label="Table of runs"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: horizontal scrolling must work with the keyboard
            tabIndex={0}
            className="overflow-x-auto rounded-2xl border border-surface-800"
          >
            <table className="w-full min-w-240 text-left">
              <caption className="sr-only">Recent runs, newest first</caption>
              <thead className="bg-surface-900 text-sm text-muted">
                <tr>
                  <th className="px-5 py-3 font-medium">Started</th>
                  <th className="px-4 py-3 font-medium">Result</th>
                  <th className="px-2.5 py-3 text-right font-medium">NDCG@100</th>
                  <th className="px-2.5 py-3 text-right font-medium">Popularity</th>
                  <th className="px-2.5 py-3 text-right font-medium">Recall@20</th>
                  <th className="px-2.5 py-3 text-right font-medium">@50</th>
                  <th className="px-2.5 py-3 text-right font-medium">Coverage</th>
                  <th className="px-2.5 py-3 text-right font-medium">Viewers</th>
                  <th className="px-5 py-3 font-medium">Parameters</th>
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
  const reliable = metrics && isReliable(metrics) ? metrics : undefined;
  const numbers = [
    reliable?.ndcg_at_100.toFixed(3),
    reliable?.popularity_ndcg_at_100.toFixed(3),
    reliable?.recall_at_20.toFixed(3),
    reliable?.recall_at_50.toFixed(3),
    reliable && formatPercent(reliable.coverage),
    metrics && formatCount(metrics.held_out_people),
  ];
  return (
    <tr className="border-t border-surface-800 align-top">
      <th scope="row" className="px-5 py-3.5 text-sm font-normal whitespace-nowrap">
        <time dateTime={run.started_at} title={formatDateTime(run.started_at)} className="font-semibold">
          {relativeTime(run.started_at, Date.now())}
        </time>
        <span className="block text-muted">
          {run.started_by ? 'manual' : 'scheduled'}
          {run.ended_at && `, ${formatDuration(Date.parse(run.ended_at) - Date.parse(run.started_at))}`}
        </span>
      </th>
      <td className="max-w-80 min-w-60 px-4 py-3.5 text-sm">
        <Badge variant={variants[run.state]}>{runStateNames[run.state]}</Badge>
        {role && <p className="mt-1.5 text-secondary">{role}</p>}
        {run.sentence && <p className="mt-1.5 text-secondary">{run.sentence}</p>}
        {metrics && !reliable && <p className="mt-1.5 text-muted">Too few viewers for reliable metrics.</p>}
      </td>
      {numbers.map((number, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns have a fixed order
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
