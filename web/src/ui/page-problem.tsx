import type { ComponentProps } from 'react';
import { ProblemPanel } from './empty-state';
import { usePageTitle } from './page-title';

/** A problem in the place of a whole page: it is the page's heading, and the tab's title. */
export function PageProblem(props: Omit<ComponentProps<typeof ProblemPanel>, 'heading'>) {
  usePageTitle(props.problem.title);
  return (
    <div className="pt-28">
      <ProblemPanel {...props} heading="h1" />
    </div>
  );
}
