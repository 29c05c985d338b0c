import type { Problem } from '@/api/problem';
import { useAllCorrected } from './form';
import { ProblemAlert } from './problem-panel';

/** The problem of a submitted form. One about fields only keeps its space once they were all corrected, like their errors. */
export function FormProblem({ problem }: { problem: Problem | null }) {
  const fields = Object.keys(problem?.fields ?? {});
  const allCorrected = useAllCorrected(fields);
  if (!problem) return null;
  const isFixed = allCorrected && fields.length > 0;
  return (
    <div aria-hidden={isFixed} className={isFixed ? 'invisible' : ''}>
      <ProblemAlert problem={problem} />
    </div>
  );
}
