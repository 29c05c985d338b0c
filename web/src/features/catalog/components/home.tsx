import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Clapperboard } from 'lucide-react';
import type { ReactNode } from 'react';
import { genresQuery } from '@/api/genres';
import { newProblem, toProblem } from '@/api/problem';
import { genreName } from '@/format/genres';
import { buttonStyle } from '@/ui/button-style';
import { EmptyState } from '@/ui/empty-state';
import { PageProblem } from '@/ui/page-problem';
import { isolate } from '@/ui/user-text';
import { titlesQuery } from '../api';
import { genresOf } from '../rules';
import { GenreBar } from './genre-bar';
import { Hero, HeroSkeleton } from './hero';
import { HomeRows } from './home-rows';
import { TitleGrid } from './title-grid';
import { TitleShelfSkeleton } from './title-shelf';

const HERO_TITLES = 4;
const SHELF_TITLES = 12;

interface HomeProps {
  genre: string | undefined;
  /** What to offer while nothing is published. */
  emptyAction: ReactNode;
}

/** Shown for a genre that is neither in the service's list nor on any title. */
function GenreNotFound({ genre }: { genre: string }) {
  const problem = newProblem('not-found', {
    title: 'Genre not found',
    detail: `No film is listed under “${isolate(genreName(genre))}”.`,
  });
  return (
    <PageProblem problem={problem}>
      <Link to="/" className={buttonStyle('primary')}>
        All films
      </Link>
    </PageProblem>
  );
}

/** The home page: recommendations and all films, or one genre. */
export function Home({ genre, emptyAction }: HomeProps) {
  const newest = useInfiniteQuery(titlesQuery());
  const titles = newest.data?.pages.flatMap((page) => page.items) ?? [];
  const genres = genresOf(titles);
  const known = useQuery({ ...genresQuery, enabled: genre !== undefined });

  if (genre) {
    const unknown = known.data && !known.data.items.includes(genre);
    if (!newest.isPending && unknown && !genres.includes(genre)) return <GenreNotFound genre={genre} />;
    return (
      <div className="pt-28">
        <h1 className="gutter mb-6 text-5xl">{genreName(genre)}</h1>
        <GenreBar genres={genres.includes(genre) ? genres : [...genres, genre].sort()} />
        <TitleGrid genre={genre} />
      </div>
    );
  }

  if (newest.isPending) {
    return (
      <>
        <HeroSkeleton />
        <TitleShelfSkeleton name="For you" />
      </>
    );
  }
  if (!newest.data) {
    return <PageProblem problem={toProblem(newest.error)} onRetry={() => newest.refetch()} />;
  }
  if (titles.length === 0) {
    return (
      <div className="pt-28">
        <h1 className="sr-only">Home</h1>
        <EmptyState icon={<Clapperboard aria-hidden="true" className="size-7" />} title="No films yet">
          <p className="max-w-md text-muted">The first published film will appear here.</p>
          {emptyAction}
        </EmptyState>
      </div>
    );
  }

  return (
    <>
      <Hero titles={titles.slice(0, HERO_TITLES)} />
      <div className="relative -mt-2 flex flex-col gap-10 pb-8">
        <HomeRows newest={titles.slice(0, SHELF_TITLES)} />
        <section aria-labelledby="all-films">
          <h2 id="all-films" className="gutter mb-4 text-xl sm:text-2xl">
            All films
          </h2>
          <GenreBar genres={genres} />
          <TitleGrid />
        </section>
      </div>
    </>
  );
}
