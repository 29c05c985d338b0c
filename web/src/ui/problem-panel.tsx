import { CloudOff, Lock, type LucideIcon, RotateCw, SearchX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { isFinal, isReportable, type Problem, type ProblemKind } from '@/api/problem';
import { Button } from './button';
import { StatePanel } from './empty-state';

const icons: Partial<Record<ProblemKind, LucideIcon>> = {
  offline: CloudOff,
  forbidden: Lock,
  unauthorized: Lock,
  'not-found': SearchX,
};

interface ProblemPanelProps {
  problem: Problem;
  onRetry?: (() => void) | undefined;
  /** `h1` when nothing else is on the page. */
  heading?: 'h1' | 'h2';
  /** Hides the icon and the margins in small containers. */
  compact?: boolean;
  children?: ReactNode;
}

/** A problem in place of content, with ways to continue. */
export function ProblemPanel({ problem, onRetry, heading = 'h2', compact = false, children }: ProblemPanelProps) {
  const Icon = icons[problem.kind] ?? TriangleAlert;
  return (
    <StatePanel
      icon={<Icon aria-hidden="true" className="size-7" />}
      title={problem.title}
      heading={heading}
      compact={compact}
      role="alert"
    >
      <p className="max-w-md text-muted">{problem.detail}</p>
      {problem.requestId && isReportable(problem) && (
        <p className="text-sm text-muted">
          Request ID <code className="text-secondary select-all">{problem.requestId}</code>
        </p>
      )}
      <div className="mt-2 flex flex-wrap justify-center gap-3">
        {onRetry && !isFinal(problem) && (
          <Button variant="primary" onPress={onRetry}>
            <RotateCw aria-hidden="true" className="size-4" /> Try again
          </Button>
        )}
        {children}
      </div>
    </StatePanel>
  );
}

/** A problem next to what it is about, such as a form. */
export function ProblemAlert({ problem }: { problem: Problem }) {
  return (
    <div role="alert" className="flex animate-fade gap-3 rounded-2xl bg-danger-900 px-4 py-3 text-danger-300">
      <TriangleAlert aria-hidden="true" className="mt-0.5 size-5 shrink-0" />
      <div>
        <p className="font-semibold">{problem.title}</p>
        <p className="text-sm">{problem.detail}</p>
        {problem.requestId && isReportable(problem) && <p className="mt-1 text-xs">Request ID {problem.requestId}</p>}
      </div>
    </div>
  );
}
