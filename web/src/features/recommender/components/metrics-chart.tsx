import { useEffect, useRef, useState } from 'react';
import type { Retraining } from '@/api/types';
import { formatDate } from '@/format/time';
import {
  chartPoints,
  chartScales,
  chartSummary,
  gridLines,
  labelledRuns,
  type MarkState,
  type Point,
} from '../chart-rules';
import { runStateNames } from '../rules';
import { Mark, MarkIcon } from './marks';

const HEIGHT = 260;
const margins = { left: 44, right: 20, top: 14, bottom: 34 };
const marks: MarkState[] = ['promoted', 'challenging', 'refused', 'rolled_back'];

/** A chart of NDCG@100 by run, with the popularity baseline. The table below has the same numbers. */
export function MetricsChart({ retrainings }: { retrainings: Retraining[] }) {
  const { box, width } = useWidth(720);
  const points = chartPoints(retrainings);
  if (points.length === 0) return null;

  return (
    <figure className="flex flex-col gap-4 rounded-2xl border border-surface-800 bg-surface-900 p-4 sm:p-6">
      <figcaption className="flex flex-wrap items-center gap-x-5 gap-y-2 text-sm text-secondary">
        <span className="font-semibold text-foreground">NDCG@100</span>
        {marks
          .filter((state) => points.some((point) => point.state === state))
          .map((state) => (
            <span key={state} className="flex items-center gap-1.5">
              <MarkIcon state={state} /> {runStateNames[state]}
            </span>
          ))}
        <span className="flex items-center gap-1.5">
          <svg aria-hidden="true" width={24} height={18} className="shrink-0">
            <path d="M0 9h24" className="stroke-muted" strokeWidth={2} strokeDasharray="5 4" />
          </svg>
          Popularity baseline
        </span>
      </figcaption>
      <div ref={box} className="min-w-0">
        <Chart points={points} width={width} />
      </div>
    </figure>
  );
}

function Chart({ points, width }: { points: Point[]; width: number }) {
  const { x, y } = chartScales(points, { width, height: HEIGHT, ...margins });
  const line = (of: { index: number; value: number }[]) =>
    of.map(({ index, value }, at) => `${at === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const indexed = points.map((point, index) => ({ point, index }));
  const promoted = indexed.filter(({ point }) => point.state === 'promoted');

  return (
    <svg role="img" aria-label={chartSummary(points)} width={width} height={HEIGHT} className="block max-w-full">
      {gridLines(points).map((value) => (
        <g key={value}>
          <path d={`M${margins.left} ${y(value)}H${width - margins.right / 2}`} className="stroke-surface-800" />
          <text x={margins.left - 10} y={y(value) + 4} textAnchor="end" className="fill-muted text-xs tabular-nums">
            {value}
          </text>
        </g>
      ))}
      {labelledRuns(points, width).map((index, at, dated) => (
        <text
          key={index}
          x={x(index)}
          y={HEIGHT - 8}
          textAnchor={points.length === 1 ? 'middle' : at === 0 ? 'start' : at === dated.length - 1 ? 'end' : 'middle'}
          className="fill-muted text-xs"
        >
          {formatDate(points[index]?.at ?? '')}
        </text>
      ))}
      <path
        d={
          points.length === 1
            ? `M${margins.left} ${y(points[0]?.popularity ?? 0)}H${width - margins.right}`
            : line(indexed.map(({ point, index }) => ({ index, value: point.popularity })))
        }
        className="fill-none stroke-muted"
        strokeWidth={2}
        strokeDasharray="5 4"
      />
      <path
        d={line(promoted.map(({ point, index }) => ({ index, value: point.ndcg })))}
        className="fill-none stroke-success-400/50"
        strokeWidth={2}
      />
      {indexed.map(({ point, index }) => (
        <g key={point.runId}>
          <Mark state={point.state} x={x(index)} y={y(point.ndcg)} />
          <circle cx={x(index)} cy={y(point.ndcg)} r={12} className="fill-transparent">
            <title>{`${formatDate(point.at)}, ${runStateNames[point.state]}: ${point.ndcg.toFixed(3)}, popularity baseline ${point.popularity.toFixed(3)}`}</title>
          </circle>
        </g>
      ))}
    </svg>
  );
}

/** The width of an element, so that text in the chart keeps its size. */
function useWidth(first: number) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWidth(element.clientWidth || first);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [first]);
  return { box, width };
}
