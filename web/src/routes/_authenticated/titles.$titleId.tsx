import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createFileRoute, Link, useNavigate, useRouter } from '@tanstack/react-router';
import { Settings2, X } from 'lucide-react';
import { lazy, Suspense, useCallback } from 'react';
import { toProblem } from '@/api/problem';
import type { Title } from '@/api/types';
import { homeQuery, titleQuery } from '@/features/catalog/api';
import { AboutTitle } from '@/features/catalog/components/about-title';
import { HeroSkeleton } from '@/features/catalog/components/hero';
import { SimilarTitles } from '@/features/catalog/components/similar-titles';
import { TitleHeader } from '@/features/catalog/components/title-header';
import { engagementQuery } from '@/features/engagement/api';
import { LikeButton } from '@/features/engagement/components/like-button';
import { resumeFrom } from '@/features/engagement/rules';
import { meQuery } from '@/features/session/api';
import { Button } from '@/ui/button';
import { buttonStyle } from '@/ui/button-style';
import { PageProblem } from '@/ui/page-problem';
import { usePageTitle } from '@/ui/page-title';
import { Spinner } from '@/ui/spinner';
import { pageHeadingStyle, userText } from '@/ui/user-text';
import { requireId } from '../-require-id';

/** The player was opened on top of this page: closing it goes back. */
declare module '@tanstack/react-router' {
  interface HistoryState {
    openedFromPage?: boolean;
  }
}

interface TitleSearch {
  play?: boolean;
  /** From its beginning, wherever it was stopped. */
  over?: boolean;
}

export const Route = createFileRoute('/_authenticated/titles/$titleId')({
  validateSearch: ({ play, over }: Record<string, unknown>): TitleSearch =>
    play === true ? { play, ...(over === true && { over }) } : {},
  beforeLoad: ({ params }) => requireId(params.titleId),
  component: TitlePage,
});

// hls.js is most of the app's weight: it comes when somebody watches.
const Player = lazy(async () => ({ default: (await import('@/features/player/components/player')).Player }));

function TitlePage() {
  const { titleId } = Route.useParams();
  const title = useQuery(titleQuery(titleId));
  usePageTitle(title.data?.name);

  if (title.isPending) return <HeroSkeleton />;
  if (!title.data) {
    return (
      <PageProblem problem={toProblem(title.error)} onRetry={() => title.refetch()}>
        <Link to="/" className={buttonStyle()}>
          Go home
        </Link>
      </PageProblem>
    );
  }
  return (
    <>
      <PlayerOrHeader title={title.data} />
      <AboutTitle title={title.data} />
      {title.data.state === 'published' && <SimilarTitles key={titleId} titleId={titleId} />}
    </>
  );
}

/** The top of the page: the title's front, or the film. */
function PlayerOrHeader({ title }: { title: Title }) {
  const { play: playing = false, over = false } = Route.useSearch();
  const navigate = useNavigate({ from: Route.fullPath });
  const router = useRouter();
  const me = useQuery(meQuery);
  const isOwner = me.data?.creator_id === title.owner.creator_id;
  const published = title.state === 'published';
  const engagement = useQuery({ ...engagementQuery(title.title_id), enabled: published });
  const leave = useOnLeft(title.title_id);
  // A film plays without it too: from its beginning.
  const resumeAt = resumeFrom(engagement.data?.resume_ms ?? 0, title.duration_ms ?? 0) / 1000;

  // The player is a step in the history: Back closes it, as the remote control of a television does.
  const play = (more: TitleSearch) =>
    void navigate({ search: { play: true, ...more }, state: { openedFromPage: true } });
  const close = () => {
    if (router.state.location.state.openedFromPage) router.history.back();
    else void navigate({ search: {}, replace: true });
  };

  if (playing && published) {
    return (
      <>
        <div
          data-stage=""
          className="mt-18 h-[min(100dvh-4.5rem,56.25vw)] min-h-60 w-full bg-black short:mt-0 short:h-dvh"
        >
          <Suspense fallback={<PlayerSpinner />}>
            {engagement.isPending ? (
              <PlayerSpinner />
            ) : (
              <Player
                key={title.title_id}
                titleId={title.title_id}
                name={title.name}
                poster={title.poster_url}
                startAt={over ? 0 : resumeAt}
                onProgressSaved={leave}
              />
            )}
          </Suspense>
        </div>
        <div className="gutter flex items-start justify-between gap-4 pt-8">
          <h1
            {...userText(title.language)}
            className={`line-clamp-4 min-w-0 leading-tight ${pageHeadingStyle(title.name)}`}
          >
            {title.name}
          </h1>
          <Button variant="ghost" size="small" onPress={close}>
            <X aria-hidden="true" className="size-4" /> Close
          </Button>
        </div>
      </>
    );
  }
  return (
    <TitleHeader title={title} resumeAt={resumeAt} onPlay={() => play({})} onStartOver={() => play({ over: true })}>
      {published && <LikeButton titleId={title.title_id} />}
      {isOwner && (
        <Link to="/studio/$titleId" params={{ titleId: title.title_id }} className={buttonStyle('secondary', 'large')}>
          <Settings2 aria-hidden="true" className="size-5" /> Manage
        </Link>
      )}
    </TitleHeader>
  );
}

/** What was watched changes where to go on, and what the home page shows. */
function useOnLeft(titleId: string) {
  const queries = useQueryClient();
  return useCallback(() => {
    void queries.invalidateQueries({ queryKey: engagementQuery(titleId).queryKey });
    void queries.invalidateQueries({ queryKey: homeQuery.queryKey });
  }, [queries, titleId]);
}

function PlayerSpinner() {
  return (
    <div className="grid h-full place-items-center text-accent-400">
      <Spinner label="Loading the player" />
    </div>
  );
}
