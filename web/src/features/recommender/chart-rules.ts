import type { Retraining } from '@/api/types';
import { isReliable } from './rules';

/** How a run is drawn: runs that are still at work or failed before they were measured are not. */
export type MarkState = 'promoted' | 'challenging' | 'refused' | 'rolled_back';

export interface Point {
  runId: string;
  state: MarkState;
  at: string;
  ndcg: number;
  popular: number;
}

const drawn: Retraining['state'][] = ['promoted', 'challenging', 'refused', 'rolled_back'];

/** The runs that were measured on enough people, oldest first. */
export function chartPoints(retrainings: Retraining[]): Point[] {
  return retrainings
    .flatMap(({ run_id, state, started_at, metrics }) =>
      metrics && isReliable(metrics) && drawn.includes(state)
        ? [
            {
              runId: run_id,
              state: state as MarkState,
              at: started_at,
              ndcg: metrics.ndcg_at_100,
              popular: metrics.popularity_ndcg_at_100,
            },
          ]
        : [],
    )
    .sort((a, b) => a.at.localeCompare(b.at));
}

export interface ChartArea {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The lines to read from: from zero in round steps to above the highest. */
export function gridLines(points: Point[]): number[] {
  const highest = Math.max(0.01, ...points.flatMap(({ ndcg, popular }) => [ndcg, popular]));
  const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].find((each) => highest / each <= 5) ?? 0.25;
  const lines = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: lines + 1 }, (_, index) => Math.round(index * step * 1000) / 1000);
}

/** Where things stand in a frame: run beside run with equal steps, values from the first grid line to the last. */
export function chartScales(points: Point[], frame: ChartArea) {
  const top = gridLines(points).at(-1) ?? 1;
  const wide = frame.width - frame.left - frame.right;
  const high = frame.height - frame.top - frame.bottom;
  return {
    x: (index: number) => frame.left + (points.length === 1 ? wide / 2 : (wide * index) / (points.length - 1)),
    y: (value: number) => frame.top + high * (1 - value / top),
  };
}

/** The runs whose day stands below: the first, the last, and as many between as fit. */
export function labeledRuns(points: Point[], wide: number): number[] {
  const most = Math.max(2, Math.floor(wide / 150));
  if (points.length <= most) return points.map((_, index) => index);
  return Array.from({ length: most }, (_, index) => Math.round((index * (points.length - 1)) / (most - 1)));
}

/** The chart in a sentence, for those who do not see it. */
export function chartSummary(points: Point[]): string {
  const promoted = points.filter(({ state }) => state === 'promoted');
  const [first, last] = [promoted[0], promoted.at(-1)];
  const runs = `NDCG@100 of the last ${points.length === 1 ? 'run that was' : `${points.length} runs that were`} measured.`;
  if (!first || !last) return runs;
  if (first === last)
    return `${runs} The promoted model reaches ${last.ndcg.toFixed(3)}, the popular ${last.popular.toFixed(3)}.`;
  return `${runs} Promoted models went from ${first.ndcg.toFixed(3)} to ${last.ndcg.toFixed(3)}; always showing the popular reaches ${last.popular.toFixed(3)} now.`;
}
