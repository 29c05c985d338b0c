import type { Problem } from '@/api/problem';
import { useAllEdited } from './form';
import { ProblemAlert } from './problem-panel';

/** The problem of a submitted form. One about fields only keeps its space once they were all edited, like their errors. */
export function FormProblem({ problem }: { problem: Problem | null }) {
  const allEdited = useAllEdited();
  if (!problem) return null;
  const isFixed = allEdited && Object.keys(problem.fields).length > 0;
  return (
    <div aria-hidden={isFixed} className={isFixed ? 'invisible' : ''}>
      <ProblemAlert problem={problem} />
    </div>
  );
}
