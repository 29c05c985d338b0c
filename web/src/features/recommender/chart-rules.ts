import type { Retraining } from '@/api/types';
import { isReliable } from './rules';

/** The states that the chart shows. Running runs and runs that failed before they were measured are left out. */
export type MarkState = 'promoted' | 'challenging' | 'refused' | 'rolled_back';

export interface Point {
  runId: string;
  state: MarkState;
  at: string;
  ndcg: number;
  popularity: number;
}

const drawn: Retraining['state'][] = ['promoted', 'challenging', 'refused', 'rolled_back'];

/** The runs measured on enough viewers, oldest first. */
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
              popularity: metrics.popularity_ndcg_at_100,
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

/** The values of the grid lines: round steps from zero to above the highest value. */
export function gridLines(points: Point[]): number[] {
  const highest = Math.max(0.01, ...points.flatMap(({ ndcg, popularity }) => [ndcg, popularity]));
  const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].find((each) => highest / each <= 5) ?? 0.25;
  const lines = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: lines + 1 }, (_, index) => Math.round(index * step * 1000) / 1000);
}

/** Scales from run index and value to coordinates in the chart area. */
export function chartScales(points: Point[], area: ChartArea) {
  const top = gridLines(points).at(-1) ?? 1;
  const width = area.width - area.left - area.right;
  const height = area.height - area.top - area.bottom;
  return {
    x: (index: number) => area.left + (points.length === 1 ? width / 2 : (width * index) / (points.length - 1)),
    y: (value: number) => area.top + height * (1 - value / top),
  };
}

/** The indexes of the runs that get a date label: the first, the last, and as many between as fit. */
export function labelledRuns(points: Point[], width: number): number[] {
  const max = Math.max(2, Math.floor(width / 150));
  if (points.length <= max) return points.map((_, index) => index);
  return Array.from({ length: max }, (_, index) => Math.round((index * (points.length - 1)) / (max - 1)));
}

/** A text summary of the chart, for screen readers. */
export function chartSummary(points: Point[]): string {
  const promoted = points.filter(({ state }) => state === 'promoted');
  const [first, last] = [promoted[0], promoted.at(-1)];
  const runs = `NDCG@100 of the last ${points.length === 1 ? 'measured run' : `${points.length} measured runs`}.`;
  if (!first || !last) return runs;
  if (first === last)
    return `${runs} The promoted model reaches ${last.ndcg.toFixed(3)}, the popularity baseline ${last.popularity.toFixed(3)}.`;
  return `${runs} Promoted models went from ${first.ndcg.toFixed(3)} to ${last.ndcg.toFixed(3)}; the popularity baseline is now at ${last.popularity.toFixed(3)}.`;
}
