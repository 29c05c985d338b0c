import type { Title } from '@/api/types';
import { genreName } from '@/format/genres';

interface EyebrowProps {
  title: Title;
  /** How many genres to show. */
  genres: number;
}

/** The line above a title's name: genres and creator. */
export function Eyebrow({ title, genres }: EyebrowProps) {
  return (
    <p className="mb-3 flex items-center gap-3 text-sm font-semibold text-accent-400">
      <span aria-hidden="true" className="dotted-line h-1.5 w-14 shrink-0" />
      <span className="line-clamp-2">
        {title.genres.slice(0, genres).map((genre) => `${genreName(genre)} · `)}
        by <bdi>{title.owner.display_name}</bdi>
      </span>
    </p>
  );
}
