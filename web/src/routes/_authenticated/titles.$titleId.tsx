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

/** The player was opened from this page, so closing it goes back. */
declare module '@tanstack/react-router' {
  interface HistoryState {
    openedFromPage?: boolean;
  }
}

interface TitleSearch {
  play?: boolean;
  /** Play from the start instead of resuming. */
  restart?: boolean;
}

export const Route = createFileRoute('/_authenticated/titles/$titleId')({
  validateSearch: ({ play, restart }: Record<string, unknown>): TitleSearch =>
    play === true ? { play, ...(restart === true && { restart }) } : {},
  beforeLoad: ({ params }) => requireId(params.titleId),
  component: TitlePage,
});

// hls.js is the largest part of the app, so it is loaded only for playback.
const Player = lazy(async () => ({ default: (await import('@/features/player/components/player')).Player }));

function TitlePage() {
  const { titleId } = Route.useParams();
  const title = useQuery(titleQuery(titleId));
  usePageTitle(title.data?.name);

  if (title.isPending) return <HeroSkeleton />;
  if (!title.data) {
    return (
      <PageProblem problem={toProblem(title.error)} onRetry={() => title.refetch()}>
        <Link to="/" className={buttonStyle('primary')}>
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

/** The top of the page: the title's header, or the player. */
function PlayerOrHeader({ title }: { title: Title }) {
  const { play: playing = false, restart = false } = Route.useSearch();
  const navigate = useNavigate({ from: Route.fullPath });
  const router = useRouter();
  const me = useQuery(meQuery);
  const isOwner = me.data?.creator_id === title.owner.creator_id;
  const published = title.state === 'published';
  const engagement = useQuery({ ...engagementQuery(title.title_id), enabled: published });
  const onProgressSaved = useProgressSaved(title.title_id);
  // Without engagement the film plays from the start.
  const resumeAt = resumeFrom(engagement.data?.resume_ms ?? 0, title.duration_ms ?? 0) / 1000;

  // The player is a history entry, so that Back closes it.
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
          data-player=""
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
                startAt={restart ? 0 : resumeAt}
                onProgressSaved={onProgressSaved}
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
    <TitleHeader title={title} resumeAt={resumeAt} onPlay={() => play({})} onStartOver={() => play({ restart: true })}>
      {published && <LikeButton titleId={title.title_id} />}
      {isOwner && (
        <Link to="/studio/$titleId" params={{ titleId: title.title_id }} className={buttonStyle('secondary', 'large')}>
          <Settings2 aria-hidden="true" className="size-5" /> Manage
        </Link>
      )}
    </TitleHeader>
  );
}

/** Watch progress changes where to resume and what the home page shows. */
function useProgressSaved(titleId: string) {
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
