import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Clapperboard } from 'lucide-react';
import type { ReactNode } from 'react';
import { genresQuery } from '@/api/genres';
import { problemIn, problemOf } from '@/api/problem';
import { genreName } from '@/format/genres';
import { buttonStyle } from '@/ui/button-style';
import { EmptyPanel } from '@/ui/empty-state';
import { PageProblem } from '@/ui/page-problem';
import { isolated } from '@/ui/user-text';
import { titlesQuery } from '../api';
import { genresOf } from '../rules';
import { GenreBar } from './genre-bar';
import { Hero, HeroSkeleton } from './hero';
import { HomeRows } from './home-rows';
import { TitleGrid } from './title-grid';
import { TitleShelfSkeleton } from './title-shelf';

const IN_HERO = 4;
const IN_SHELF = 12;

interface HomeProps {
  genre: string | undefined;
  /** What to offer when nothing is published yet. */
  invitation: ReactNode;
}

/** Titles keep genres that are not in the service's list; one that is in neither leads nowhere. */
function NoSuchGenre({ genre }: { genre: string }) {
  const problem = problemOf('not-found', {
    title: 'Genre not found',
    detail: `No film is listed under “${isolated(genreName(genre))}”.`,
  });
  return (
    <PageProblem problem={problem}>
      <Link to="/" className={buttonStyle('primary')}>
        All films
      </Link>
    </PageProblem>
  );
}

/** What is on: everything, or one genre. */
export function Home({ genre, invitation }: HomeProps) {
  const newest = useInfiniteQuery(titlesQuery());
  const titles = newest.data?.pages.flatMap((page) => page.items) ?? [];
  const genres = genresOf(titles);
  const offered = useQuery({ ...genresQuery, enabled: genre !== undefined });

  if (genre) {
    const unknown = offered.data && !offered.data.items.includes(genre);
    if (!newest.isPending && unknown && !genres.includes(genre)) return <NoSuchGenre genre={genre} />;
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
    return <PageProblem problem={problemIn(newest.error)} onRetry={() => newest.refetch()} />;
  }
  if (titles.length === 0) {
    return (
      <div className="pt-28">
        <h1 className="sr-only">Home</h1>
        <EmptyPanel picture={<Clapperboard aria-hidden="true" className="size-7" />} title="The house is empty">
          <p className="max-w-md text-muted">Nothing is published yet. The first title will open here.</p>
          {invitation}
        </EmptyPanel>
      </div>
    );
  }

  return (
    <>
      <Hero titles={titles.slice(0, IN_HERO)} />
      <div className="relative -mt-2 flex flex-col gap-10 pb-8">
        <HomeRows newest={titles.slice(0, IN_SHELF)} />
        <section aria-labelledby="everything">
          <h2 id="everything" className="gutter mb-4 text-xl sm:text-2xl">
            Everything
          </h2>
          <GenreBar genres={genres} />
          <TitleGrid />
        </section>
      </div>
    </>
  );
}
