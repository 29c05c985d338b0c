import { useQuery } from '@tanstack/react-query';
import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { toProblem } from '@/api/problem';
import type { TitleState } from '@/api/types';
import { Titles } from '@/features/admin/components/titles';
import { titleQuery } from '@/features/catalog/api';
import { CancelProcessing } from '@/features/pipeline/components/cancel-processing';
import { RedriveForm } from '@/features/pipeline/components/redrive-form';
import { TimelineView } from '@/features/pipeline/components/timeline-view';
import { failureLabel, stateNames } from '@/features/pipeline/rules';
import { Sheet } from '@/ui/dialog';
import { usePageTitle } from '@/ui/page-title';
import { ProblemPanel } from '@/ui/problem-panel';

interface AdminSearch {
  state?: TitleState;
  /** The title that is open in the drawer. */
  title?: string;
}

export const Route = createFileRoute('/_authenticated/admin/')({
  validateSearch: ({ state, title }: Record<string, unknown>): AdminSearch => ({
    ...(typeof state === 'string' && state in stateNames && { state: state as TitleState }),
    ...(typeof title === 'string' && { title }),
  }),
  component: AdminPage,
});

function AdminPage() {
  usePageTitle('Titles');
  const { state, title } = Route.useSearch();

  return (
    <>
      <h1 className="mb-6 text-4xl sm:text-5xl">Titles</h1>
      <Titles state={state} stateNames={stateNames} failureLabel={failureLabel} />
      {title !== undefined && <TitleSheet titleId={title} state={state} />}
    </>
  );
}

/** One title in a drawer. The URL names it, so that reloads and links open it. */
function TitleSheet({ titleId, state }: { titleId: string; state: TitleState | undefined }) {
  const title = useQuery(titleQuery(titleId));
  const navigate = useNavigate({ from: Route.fullPath });
  const close = () => void navigate({ search: state ? { state } : {}, resetScroll: false });

  return (
    <Sheet title={title.data?.name ?? 'Title'} isOpen onClose={close}>
      {title.error ? (
        <ProblemPanel problem={toProblem(title.error)} onRetry={() => title.refetch()} />
      ) : (
        <div className="flex flex-col gap-8">
          {title.data && (
            <p className="text-secondary">
              By <bdi>{title.data.owner.display_name}</bdi> ·{' '}
              <Link
                to="/studio/$titleId"
                params={{ titleId }}
                className="text-secondary underline underline-offset-4 hover:text-accent-400"
              >
                Open the title’s page
              </Link>
            </p>
          )}
          {title.data && <TimelineView titleId={titleId} visibility={title.data.visibility} as="admin" />}
          {title.data && <CancelProcessing title={title.data} as="admin" />}
          <RedriveForm titleId={titleId} />
        </div>
      )}
    </Sheet>
  );
}
