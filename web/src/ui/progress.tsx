import { ProgressBar } from 'react-aria-components';

interface ProgressProps {
  label: string;
  percent: number;
}

export function Progress({ label, percent }: ProgressProps) {
  return (
    <ProgressBar value={percent} aria-label={label}>
      {({ percentage = 0, valueText }) => (
        <div className="flex items-center gap-3">
          <div className="h-2 flex-1 overflow-hidden rounded-full bg-surface-700">
            <div
              className="h-full rounded-full bg-linear-to-r from-accent-500 to-accent-200 transition-[width] duration-500 ease-out"
              style={{ width: `${percentage}%` }}
            />
          </div>
          <span className="min-w-11 text-right text-sm font-semibold text-foreground tabular-nums">{valueText}</span>
        </div>
      )}
    </ProgressBar>
  );
}
