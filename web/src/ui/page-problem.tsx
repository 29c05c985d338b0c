import type { ComponentProps } from 'react';
import { usePageTitle } from './page-title';
import { ProblemPanel } from './problem-panel';

/** A problem in the place of a whole page: it is the page's heading, and the tab's title. */
export function PageProblem(props: Omit<ComponentProps<typeof ProblemPanel>, 'heading'>) {
  usePageTitle(props.problem.title);
  return (
    <div className="pt-28">
      <ProblemPanel {...props} heading="h1" />
    </div>
  );
}
