import type { ReactNode } from 'react';

export type BadgeVariant = 'neutral' | 'success' | 'info' | 'danger' | 'accent';

const variants: Record<BadgeVariant, string> = {
  neutral: 'bg-surface-800 text-secondary',
  success: 'bg-success-900 text-success-400',
  info: 'bg-info-900 text-info-400',
  danger: 'bg-danger-900 text-danger-300',
  accent: 'bg-accent-900 text-accent-400',
};

export function Badge({ variant = 'neutral', children }: { variant?: BadgeVariant; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold ${variants[variant]}`}
    >
      <span aria-hidden="true" className="size-1.5 rounded-full bg-current" />
      {children}
    </span>
  );
}

/** A short fact about a title: `1 h 32 min`, `1080p`. */
export function Fact({ children }: { children: ReactNode }) {
  return (
    <span className="rounded-md border border-foreground/20 bg-surface-950/40 px-2 py-0.5 text-sm font-medium text-foreground/90">
      {children}
    </span>
  );
}
