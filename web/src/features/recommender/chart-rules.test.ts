import { describe, expect, it } from 'vitest';
import type { Retraining } from '@/api/types';
import { chartPoints, chartScales, chartSummary, gridLines, labelledRuns, type Point } from './chart-rules';

function run(day: number, state: Retraining['state'], ndcg?: number, people = 512): Retraining {
  return {
    run_id: `r${day}`,
    state,
    started_at: `2026-03-${String(day).padStart(2, '0')}T02:00:00Z`,
    hyperparameters: {},
    ...(ndcg && {
      metrics: {
        ndcg_at_100: ndcg,
        popularity_ndcg_at_100: 0.16,
        recall_at_20: 0.3,
        recall_at_50: 0.4,
        coverage: 0.2,
        held_out_people: people,
      },
    }),
  };
}

const points = chartPoints([
  run(6, 'running'),
  run(5, 'refused', 0.25),
  run(4, 'promoted', 0.33),
  run(3, 'failed', 0.3),
  run(2, 'promoted', 0.31),
  run(1, 'promoted', 0.9, 12),
]);

describe('the chart of runs', () => {
  it('shows runs measured on enough viewers, oldest first', () => {
    expect(points.map(({ runId, state }) => `${runId} ${state}`)).toEqual(['r2 promoted', 'r4 promoted', 'r5 refused']);
  });

  it('has grid lines at round values up to above the highest', () => {
    expect(gridLines(points)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    const low = points.map((point): Point => ({ ...point, ndcg: 0.04, popularity: 0.01 }));
    expect(gridLines(low)).toEqual([0, 0.01, 0.02, 0.03, 0.04]);
  });

  it('spaces runs evenly and scales values', () => {
    const { x, y } = chartScales(points, { width: 500, height: 300, left: 40, right: 60, top: 10, bottom: 30 });
    expect([x(0), x(1), x(2)]).toEqual([40, 240, 440]);
    expect([y(0), y(0.4)]).toEqual([270, 10]);
    const alone = chartScales(points.slice(0, 1), {
      width: 500,
      height: 300,
      left: 40,
      right: 60,
      top: 10,
      bottom: 30,
    });
    expect(alone.x(0)).toBe(240);
  });

  it('labels as many runs as fit, always the first and the last', () => {
    const many = Array.from({ length: 30 }, () => points[0]).filter((point) => point !== undefined);
    expect(labelledRuns(many, 300)).toEqual([0, 29]);
    expect(labelledRuns(many, 700)).toEqual([0, 10, 19, 29]);
    expect(labelledRuns(points, 700)).toEqual([0, 1, 2]);
  });

  it('has a text summary', () => {
    expect(chartSummary(points)).toBe(
      'NDCG@100 of the last 3 measured runs. Promoted models went from 0.310 to 0.330; the popularity baseline is now at 0.160.',
    );
    expect(chartSummary(points.slice(0, 1))).toContain(
      'The promoted model reaches 0.310, the popularity baseline 0.160.',
    );
  });
});
