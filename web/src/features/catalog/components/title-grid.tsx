import { useInfiniteQuery } from '@tanstack/react-query';
import { Clapperboard } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { toProblem } from '@/api/problem';
import { genreName } from '@/format/genres';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';
import { ProblemAlert, ProblemPanel } from '@/ui/problem-panel';
import { Spinner } from '@/ui/spinner';
import { titlesQuery } from '../api';
import { TitleCard, TitleCardSkeleton } from './title-card';

const grid =
  'gutter grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-x-4 gap-y-8 max-[32rem]:grid-cols-2';

/** All published titles, or those of a genre. Loads the next page when its end comes into view. */
export function TitleGrid({ genre }: { genre?: string | undefined }) {
  const titles = useInfiniteQuery(titlesQuery(genre));

  if (titles.isPending) return <TitleGridSkeleton />;
  if (!titles.data) return <ProblemPanel problem={toProblem(titles.error)} onRetry={() => titles.refetch()} />;

  const items = titles.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState icon={<Clapperboard aria-hidden="true" className="size-7" />} title="No films yet">
        <p className="text-muted">
          {genre ? `There are no films in ${genreName(genre)} yet.` : 'The first published film will appear here.'}
        </p>
      </EmptyState>
    );
  }

  return (
    <>
      <ul className={grid}>
        {items.map((title) => (
          <li key={title.title_id}>
            <TitleCard title={title} />
          </li>
        ))}
      </ul>
      {titles.isFetchNextPageError && (
        <div className="gutter mt-6">
          <ProblemAlert problem={toProblem(titles.error)} />
        </div>
      )}
      {titles.hasNextPage && (
        <div className="flex min-h-24 items-center justify-center text-accent-400">
          {titles.isFetchingNextPage ? (
            <Spinner label="Loading more titles" />
          ) : (
            <LoadMore onLoad={() => titles.fetchNextPage()} automatic={!titles.isFetchNextPageError} />
          )}
        </div>
      )}
    </>
  );
}

/** A button that also activates itself when it comes into view. */
function LoadMore({ onLoad, automatic }: { onLoad: () => void; automatic: boolean }) {
  const sentinel = useRef<HTMLDivElement>(null);
  const latestOnLoad = useRef(onLoad);
  latestOnLoad.current = onLoad;

  useEffect(() => {
    const element = sentinel.current;
    if (!element || !automatic) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latestOnLoad.current(),
      { rootMargin: '600px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [automatic]);

  return (
    <div ref={sentinel}>
      <Button onPress={onLoad}>Show more</Button>
    </div>
  );
}

function TitleGridSkeleton() {
  return (
    <div className={grid} role="status">
      <span className="sr-only">Loading titles</span>
      {[0, 1, 2, 3, 4, 5, 6, 7].map((index) => (
        <TitleCardSkeleton key={index} />
      ))}
    </div>
  );
}
