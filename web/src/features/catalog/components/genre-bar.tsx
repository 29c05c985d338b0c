import { Link, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { genreName } from '@/format/genres';

const chip =
  'inline-flex min-h-10 items-center rounded-full px-4 text-sm font-semibold whitespace-nowrap transition bg-surface-850 text-secondary hover:bg-surface-700 hover:text-foreground aria-[current]:bg-foreground aria-[current]:text-surface-950';

/** Filters by genre; the URL holds the choice. */
export function GenreBar({ genres }: { genres: string[] }) {
  const { genre: chosen } = useSearch({ strict: false });
  const current = useRef<HTMLLIElement>(null);
  // As text, because the array may be another one on each render.
  const listed = genres.join(' ');

  // The chosen genre may be far to the right on a phone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: its place depends on the other genres
  useEffect(() => {
    const chip = current.current;
    const list = chip?.parentElement;
    if (chip && list) list.scrollLeft = chip.offsetLeft - (list.clientWidth - chip.clientWidth) / 2;
  }, [chosen, listed]);

  if (genres.length === 0) return null;
  return (
    <nav aria-label="Genres" className="mb-6">
      <ul className="gutter hide-scrollbar flex gap-2 overflow-x-auto py-2 sm:flex-wrap">
        <li>
          <Link to="/" resetScroll={false} activeOptions={{ exact: true }} className={chip}>
            All
          </Link>
        </li>
        {genres.map((genre) => (
          <li key={genre} ref={genre === chosen ? current : null}>
            <Link to="/" search={{ genre }} resetScroll={false} className={chip}>
              {genreName(genre)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
