import { useInfiniteQuery } from '@tanstack/react-query';
import { Clapperboard } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { problemIn } from '@/api/problem';
import { genreName } from '@/format/genres';
import { Button } from '@/ui/button';
import { EmptyPanel, ProblemNote, ProblemPanel } from '@/ui/empty-state';
import { Bulbs } from '@/ui/spinner';
import { titlesQuery } from '../api';
import { TitleCard, TitleCardSkeleton } from './title-card';

const grid =
  'gutter grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-x-4 gap-y-8 max-[32rem]:grid-cols-2';

/** All published titles, or those of a genre; more come as the end is reached. */
export function TitleGrid({ genre }: { genre?: string | undefined }) {
  const titles = useInfiniteQuery(titlesQuery(genre));

  if (titles.isPending) return <TitleGridSkeleton />;
  if (!titles.data) return <ProblemPanel problem={problemIn(titles.error)} onRetry={() => titles.refetch()} />;

  const items = titles.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyPanel picture={<Clapperboard aria-hidden="true" className="size-7" />} title="Nothing showing yet">
        <p className="text-muted">
          {genre ? `There are no films in ${genreName(genre)} yet.` : 'The first published title will appear here.'}
        </p>
      </EmptyPanel>
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
          <ProblemNote problem={problemIn(titles.error)} />
        </div>
      )}
      {titles.hasNextPage && (
        <div className="flex min-h-24 items-center justify-center text-accent-400">
          {titles.isFetchingNextPage ? (
            <Bulbs label="Loading more titles" />
          ) : (
            <More onWanted={() => titles.fetchNextPage()} automatic={!titles.isFetchNextPageError} />
          )}
        </div>
      )}
    </>
  );
}

/** A button that presses itself when it comes into view; people without a scroll wheel press it. */
function More({ onWanted, automatic }: { onWanted: () => void; automatic: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const wanted = useRef(onWanted);
  wanted.current = onWanted;

  useEffect(() => {
    const element = place.current;
    if (!element || !automatic) return;
    const watcher = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && wanted.current(),
      { rootMargin: '600px' },
    );
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [automatic]);

  return (
    <div ref={place}>
      <Button onPress={onWanted}>Show more</Button>
    </div>
  );
}

function TitleGridSkeleton() {
  return (
    <div className={grid} role="status">
      <span className="sr-only">Loading titles</span>
      {[0, 1, 2, 3, 4, 5, 6, 7].map((place) => (
        <TitleCardSkeleton key={place} />
      ))}
    </div>
  );
}
