import { CloudOff, Lock, type LucideIcon, RotateCw, SearchX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { isReportable, type Problem, type ProblemKind } from '@/api/problem';
import { Button } from './button';

const icons: Partial<Record<ProblemKind, LucideIcon>> = {
  offline: CloudOff,
  forbidden: Lock,
  unauthorized: Lock,
  'not-found': SearchX,
};

interface ProblemPanelProps {
  problem: Problem;
  onRetry?: (() => void) | undefined;
  /** `h1` where nothing else is on the page. */
  heading?: 'h1' | 'h2';
  /** Without icon and margins where the container that it is in is small. */
  compact?: boolean;
  children?: ReactNode;
}

/** What went wrong where something should have been shown, with a way out. */
export function ProblemPanel({ problem, onRetry, heading = 'h2', compact = false, children }: ProblemPanelProps) {
  const Icon = icons[problem.kind] ?? TriangleAlert;
  return (
    <Panel
      icon={<Icon aria-hidden="true" className="size-7" />}
      title={problem.title}
      heading={heading}
      compact={compact}
      role="alert"
    >
      <p className="max-w-md text-muted">{problem.detail}</p>
      {problem.requestId && isReportable(problem) && (
        <p className="text-sm text-muted">
          Request id <code className="text-secondary select-all">{problem.requestId}</code>
        </p>
      )}
      <div className="mt-2 flex flex-wrap justify-center gap-3">
        {onRetry && (
          <Button variant="primary" onPress={onRetry}>
            <RotateCw aria-hidden="true" className="size-4" /> Try again
          </Button>
        )}
        {children}
      </div>
    </Panel>
  );
}

interface EmptyPanelProps {
  icon: ReactNode;
  title: string;
  children: ReactNode;
}

/** Nothing there yet, and what to do about it. */
export function EmptyState({ icon, title, children }: EmptyPanelProps) {
  return (
    <Panel icon={icon} title={title}>
      {children}
    </Panel>
  );
}

interface PanelProps extends EmptyPanelProps {
  role?: 'alert';
  heading?: 'h1' | 'h2';
  compact?: boolean;
}

function Panel({ icon, title, children, role, heading: Heading = 'h2', compact = false }: PanelProps) {
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

/** A problem beside the thing that it is about, such as a form. */
export function ProblemAlert({ problem }: { problem: Problem }) {
  return (
    <div role="alert" className="flex animate-fade gap-3 rounded-2xl bg-danger-900 px-4 py-3 text-danger-300">
      <TriangleAlert aria-hidden="true" className="mt-0.5 size-5 shrink-0" />
      <div>
        <p className="font-semibold">{problem.title}</p>
        <p className="text-sm">{problem.detail}</p>
        {problem.requestId && isReportable(problem) && <p className="mt-1 text-xs">Request id {problem.requestId}</p>}
      </div>
    </div>
  );
}
