import { Link, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { genreName } from '@/format/genres';

const chip =
  'inline-flex min-h-10 items-center rounded-full px-4 text-sm font-semibold whitespace-nowrap transition bg-surface-850 text-secondary hover:bg-surface-700 hover:text-foreground aria-[current]:bg-foreground aria-[current]:text-surface-950';

/** Filters by genre; the URL holds the choice. */
export function GenreBar({ genres }: { genres: string[] }) {
  const { genre: chosen } = useSearch({ strict: false });
  const list = useRef<HTMLUListElement>(null);

  // As text, because the array may be another one on each render.
  const listed = genres.join(' ');

  // The chosen genre may be far to the right on a phone.
  useEffect(() => {
    const isListed = chosen !== undefined && listed.split(' ').includes(chosen);
    const chip = isListed && list.current?.querySelector<HTMLElement>(`#genre-${CSS.escape(chosen)}`);
    if (list.current && chip)
      list.current.scrollLeft = chip.offsetLeft - (list.current.clientWidth - chip.clientWidth) / 2;
  }, [chosen, listed]);

  if (genres.length === 0) return null;
  return (
    <nav aria-label="Genres" className="mb-6">
      <ul ref={list} className="gutter hide-scrollbar flex gap-2 overflow-x-auto py-2 sm:flex-wrap">
        <li>
          <Link to="/" resetScroll={false} activeOptions={{ exact: true }} className={chip}>
            All
          </Link>
        </li>
        {genres.map((genre) => (
          <li key={genre} id={`genre-${genre}`}>
            <Link to="/" search={{ genre }} resetScroll={false} className={chip}>
              {genreName(genre)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
