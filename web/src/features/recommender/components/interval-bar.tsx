import type { Interval } from '@/api/types';
import { intervalPosition, signed } from '../rules';

/** The difference between two models. Left of zero the current model is better, right of it the challenger. */
export function IntervalBar({ interval }: { interval: Interval }) {
  const { left, mean, width } = intervalPosition(interval);
  const { low, high } = interval;
  const barColor = low > 0 ? 'bg-success-400' : high < 0 ? 'bg-danger-500' : 'bg-info-400';
  return (
    <div aria-hidden="true" className="text-xs text-muted tabular-nums">
      <div className="relative h-7">
        <span className="absolute inset-x-0 top-1/2 h-1.5 -translate-y-1/2 rounded-full bg-surface-800" />
        <span className="absolute inset-y-0 left-1/2 w-px bg-muted" />
        <span
          className={`absolute top-1/2 h-2.5 -translate-y-1/2 rounded-full opacity-60 ${barColor}`}
          style={{ left: `${left}%`, width: `${width}%` }}
        />
        <span
          className={`absolute top-1/2 size-4 -translate-1/2 rounded-full border-2 border-surface-950 ${barColor}`}
          style={{ left: `${mean}%` }}
        />
      </div>
      <div className="mt-1 grid grid-cols-[1fr_auto_1fr] gap-2">
        <span>Current better</span>
        <span>0</span>
        <span className="text-right">Challenger better</span>
      </div>
      <p className="mt-1.5 text-center text-sm text-secondary">
        {signed(interval.mean)} ({signed(low)} to {signed(high)}) titles per viewer
      </p>
    </div>
  );
}
