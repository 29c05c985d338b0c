import type { ReactNode } from 'react';

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  children: ReactNode;
}

/** Says that there is nothing to show yet, and what to do about it. */
export function EmptyState({ icon, title, children }: EmptyStateProps) {
  return (
    <StatePanel icon={icon} title={title}>
      {children}
    </StatePanel>
  );
}

interface StatePanelProps extends EmptyStateProps {
  role?: 'alert';
  heading?: 'h1' | 'h2';
  compact?: boolean;
}

/** A centred message with an icon, in place of content. */
export function StatePanel({ icon, title, children, role, heading: Heading = 'h2', compact = false }: StatePanelProps) {
  return (
    <section
      role={role}
      className={`flex animate-rise flex-col items-center gap-3 px-6 text-center ${compact ? 'py-4 @3xl:py-16' : 'py-16'}`}
    >
      <div
        className={`mb-2 size-16 place-items-center rounded-full bg-surface-850 text-accent-400 ${compact ? 'hidden @3xl:grid' : 'grid'}`}
      >
        {icon}
      </div>
      <Heading className="text-2xl">{title}</Heading>
      {children}
    </section>
  );
}
