import { type ReactNode, useId } from 'react';

interface SectionProps {
  title: string;
  /** The action next to the title. */
  action?: ReactNode;
  children: ReactNode;
}

export function Section({ title, action, children }: SectionProps) {
  const heading = useId();
  return (
    <section aria-labelledby={heading} className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h2 id={heading} className="text-2xl sm:text-3xl">
          {title}
        </h2>
        {action}
      </div>
      {children}
    </section>
  );
}

interface BlockedActionProps {
  /** Why the action is disabled. */
  reason: string | undefined;
  children: ReactNode;
}

/** A button with the reason why it is disabled. */
export function BlockedAction({ reason, children }: BlockedActionProps) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-2 sm:justify-end">
      {reason && <p className="max-w-md text-sm text-muted max-sm:order-last sm:text-right">{reason}</p>}
      {children}
    </div>
  );
}

interface FactsProps {
  facts: { name: string; value: ReactNode }[];
}

/** A list of names and values. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(6.5rem,1fr))] gap-x-4 gap-y-3">
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt className="text-sm text-muted">{name}</dt>
          <dd className="font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The hyperparameters of a training run. */
export function Hyperparameters({ hyperparameters }: { hyperparameters: Record<string, string> }) {
  const entries = Object.entries(hyperparameters);
  if (entries.length === 0) return <span className="text-sm text-muted">Defaults</span>;
  return (
    <span className="flex flex-wrap gap-1.5">
      {entries.map(([name, value]) => (
        <code
          key={name}
          className="rounded-md bg-foreground/10 px-1.5 py-0.5 text-xs [overflow-wrap:anywhere] text-secondary"
        >
          {name}={value}
        </code>
      ))}
    </span>
  );
}
