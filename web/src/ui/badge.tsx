import type { ReactNode } from 'react';

export type BadgeLook = 'plain' | 'good' | 'busy' | 'bad' | 'new';

const looks: Record<BadgeLook, string> = {
  plain: 'bg-ink-800 text-ink-300',
  good: 'bg-mint-900 text-mint-400',
  busy: 'bg-sky-900 text-sky-400',
  bad: 'bg-ember-900 text-ember-300',
  new: 'bg-bulb-900 text-bulb-400',
};

export function Badge({ look = 'plain', children }: { look?: BadgeLook; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold ${looks[look]}`}
    >
      <span aria-hidden="true" className="size-1.5 rounded-full bg-current" />
      {children}
    </span>
  );
}

/** A fact in a row of facts: `1 h 32 min`, `1080p`. */
export function Fact({ children }: { children: ReactNode }) {
  return (
    <span className="rounded-md border border-paper/20 bg-ink-950/40 px-2 py-0.5 text-sm font-medium text-paper/90">
      {children}
    </span>
  );
}
