import { Link } from '@tanstack/react-router';
import { genreName } from '@/format/genres';

const chip =
  'inline-flex min-h-10 items-center rounded-full px-4 text-sm font-semibold whitespace-nowrap transition bg-surface-850 text-secondary hover:bg-surface-700 hover:text-foreground aria-[current]:bg-foreground aria-[current]:text-surface-950';

/** Scrolls the chosen genre into view, which may be far to the right on a phone. */
function showCurrent(list: HTMLElement | null) {
  const current = list?.querySelector<HTMLElement>('[aria-current]');
  if (list && current) list.scrollLeft = current.offsetLeft - (list.clientWidth - current.clientWidth) / 2;
}

/** Filters by genre; the URL holds the choice. */
export function GenreBar({ genres }: { genres: string[] }) {
  if (genres.length === 0) return null;
  return (
    <nav aria-label="Genres" className="mb-6">
      <ul ref={showCurrent} className="gutter hide-scrollbar flex gap-2 overflow-x-auto py-2 sm:flex-wrap">
        <li>
          <Link to="/" resetScroll={false} activeOptions={{ exact: true }} className={chip}>
            All
          </Link>
        </li>
        {genres.map((genre) => (
          <li key={genre}>
            <Link to="/" search={{ genre }} resetScroll={false} className={chip}>
              {genreName(genre)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
