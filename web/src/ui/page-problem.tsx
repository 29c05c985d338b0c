import type { ComponentProps } from 'react';
import { usePageTitle } from './page-title';
import { ProblemPanel } from './problem-panel';

/** A problem in place of a whole page, as its heading and document title. */
export function PageProblem(props: Omit<ComponentProps<typeof ProblemPanel>, 'heading'>) {
  usePageTitle(props.problem.title);
  return (
    <div className="pt-28">
      <ProblemPanel {...props} heading="h1" />
    </div>
  );
}
