import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, Play } from 'lucide-react';
import { toProblem } from '@/api/problem';
import type { Title } from '@/api/types';
import { titleQuery } from '@/features/catalog/api';
import { CancelProcessing } from '@/features/pipeline/components/cancel-processing';
import { StateBadge } from '@/features/pipeline/components/state-badge';
import { TimelineView } from '@/features/pipeline/components/timeline-view';
import { meQuery } from '@/features/session/api';
import { DeleteButton } from '@/features/studio/components/delete-button';
import { TitleMenu } from '@/features/studio/components/title-menu';
import { TitleStatus } from '@/features/studio/components/title-status';
import { UploadPanel } from '@/features/upload/components/upload-panel';
import { idleTime } from '@/features/upload/rules';
import { isUploadRunning, useTransfer } from '@/features/upload/store';
import { buttonStyle } from '@/ui/button-style';
import { CopyLink } from '@/ui/copy-link';
import { PageProblem } from '@/ui/page-problem';
import { usePageTitle } from '@/ui/page-title';
import { Poster } from '@/ui/poster';
import { PageSpinner } from '@/ui/spinner';
import { pageHeadingStyle, userText } from '@/ui/user-text';
import { requireId } from '../-require-id';
import { RequireRole } from '../-require-role';

export const Route = createFileRoute('/_authenticated/studio/$titleId')({
  beforeLoad: ({ params }) => requireId(params.titleId),
  component: () => (
    <RequireRole allow="creator">
      <StudioTitlePage />
    </RequireRole>
  ),
});

function StudioTitlePage() {
  const { titleId } = Route.useParams();
  const title = useQuery(titleQuery(titleId));
  usePageTitle(title.data?.name);

  if (title.isPending) return <PageSpinner label="Loading the title" />;
  if (!title.data) {
    return (
      <PageProblem problem={toProblem(title.error)} onRetry={() => title.refetch()}>
        <Link to="/studio" className={buttonStyle('primary')}>
          My titles
        </Link>
      </PageProblem>
    );
  }
  return <StudioTitle title={title.data} />;
}

/** One title for its creator: its state, its upload and its pipeline. */
function StudioTitle({ title }: { title: Title }) {
  const client = useQueryClient();
  const me = useQuery(meQuery);
  // Admins also open the titles of others.
  const isOwner = me.data?.creator_id === title.owner.creator_id;
  const refresh = () => void client.invalidateQueries({ queryKey: ['title', title.title_id] });

  const transfer = useTransfer(title.title_id)?.transfer;
  const uploadIdleTime = (now: number) => (transfer ? idleTime(transfer, now) : 0);
  // The browser of an admin does not know whether the owner's sends.
  const isSending = !isOwner || isUploadRunning(transfer);
  const navigate = useNavigate();
  const goToList = () => void navigate(isOwner ? { to: '/studio' } : { to: '/admin' });
  const upload = isOwner && <UploadPanel title={title} onChanged={refresh} />;
  const deletion = isOwner && <DeleteButton title={title} onDeleted={goToList} />;
  const as = isOwner ? 'owner' : 'admin';
  const timeline = (
    <TimelineView
      titleId={title.title_id}
      visibility={title.visibility}
      as={as}
      isUploadRunning={isSending}
      idleTime={uploadIdleTime}
    />
  );

  return (
    <div className="gutter mx-auto grid max-w-6xl gap-10 pt-28 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <aside className="min-w-0">
        <Poster src={title.poster_url} name={title.name} showName={false} className="aspect-video w-full rounded-2xl" />
        <div className="mt-4 flex items-center gap-3">
          <TitleStatus title={title} badge={<StateBadge title={title} isUploadRunning={isSending} />} />
          <span className="flex-1" />
          <TitleMenu title={title} onDeleted={goToList} />
        </div>
        <div className="mt-4 empty:hidden">
          <CancelProcessing title={title} as={as} />
        </div>
        {title.state === 'published' && (
          <div className="mt-4 flex flex-col gap-3">
            <Link
              to="/titles/$titleId"
              params={{ titleId: title.title_id }}
              className={`${buttonStyle('primary')} w-full`}
            >
              <Play aria-hidden="true" className="size-4 fill-current" /> Play
            </Link>
            {/* A link to a private film works for its owner only. */}
            {title.visibility !== 'private' && <CopyLink path={`/titles/${title.title_id}`} />}
          </div>
        )}
      </aside>
      <div className="flex min-w-0 flex-col gap-10">
        <div>
          {isOwner ? (
            <Link to="/studio" className={breadcrumb}>
              <ChevronLeft aria-hidden="true" className="size-4" /> My titles
            </Link>
          ) : (
            <Link to="/admin" search={{ state: title.state }} className={breadcrumb}>
              <ChevronLeft aria-hidden="true" className="size-4" /> Titles
            </Link>
          )}
          <h1 {...userText(title.language)} className={`mt-1 text-left leading-tight ${pageHeadingStyle(title.name)}`}>
            {title.name}
          </h1>
          {me.data && !isOwner && (
            <p className="mt-2 text-secondary">
              By <bdi>{title.owner.display_name}</bdi>
            </p>
          )}
        </div>
        {title.state === 'failed' ? (
          <>
            {timeline}
            {isOwner && (
              <section aria-labelledby="another-file" className="flex flex-col gap-4">
                <h2 id="another-file" className="text-2xl">
                  Upload another file
                </h2>
                {upload}
                {deletion}
              </section>
            )}
          </>
        ) : (
          <>
            {upload}
            {deletion}
            {(title.state !== 'draft' || !isOwner) && timeline}
          </>
        )}
      </div>
    </div>
  );
}

const breadcrumb = 'inline-flex items-center gap-1 text-sm font-semibold text-muted hover:text-accent-400';
