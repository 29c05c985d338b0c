import type { MarkState } from '../chart-rules';

interface MarkProps {
  state: MarkState;
  x: number;
  y: number;
}

/** A run in the chart. States differ by shape, not only by color. */
export function Mark({ state, x, y }: MarkProps) {
  switch (state) {
    case 'promoted':
      return <circle cx={x} cy={y} r={5} className="fill-success-400" />;
    case 'challenging':
      return <path d={`M${x} ${y - 7}l7 7l-7 7l-7-7z`} className="fill-accent-400" />;
    case 'refused':
      return (
        <path d={`M${x - 5} ${y - 5}l10 10m0-10l-10 10`} className="fill-none stroke-danger-300" strokeWidth={2.5} />
      );
    case 'rolled_back':
      return <path d={`M${x} ${y + 6}l-6-11h12z`} className="fill-surface-950 stroke-danger-300" strokeWidth={2} />;
  }
}

/** A mark for the legend. */
export function MarkIcon({ state }: { state: MarkState }) {
  return (
    <svg aria-hidden="true" width={18} height={18} className="shrink-0">
      <Mark state={state} x={9} y={9} />
    </svg>
  );
}
