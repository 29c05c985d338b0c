import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import type { Title } from '@/api/types';
import { Poster } from '@/ui/poster';
import { ProgressOverlay } from '@/ui/progress-overlay';
import { userText } from '@/ui/user-text';
import { cardFacts } from '../rules';

interface TitleCardProps {
  title: Title;
  /** Why it is recommended; replaces the facts. */
  reason?: string;
  /** The share that was watched, from 0 to 1. The card then resumes the film on click. */
  progress?: number;
}

/** A title in a shelf or a grid. */
export function TitleCard({ title, reason, progress }: TitleCardProps) {
  return (
    <Link
      to="/titles/$titleId"
      params={{ titleId: title.title_id }}
      {...(progress !== undefined && { search: { play: true } })}
      className="group/card block rounded-2xl focus-visible:outline-offset-4"
    >
      <div className="relative aspect-video overflow-hidden rounded-2xl bg-surface-850 ring-1 ring-foreground/5 transition duration-300 ease-emphasized group-hover/card:-translate-y-1 group-hover/card:shadow-glow group-focus-visible/card:-translate-y-1">
        <Poster
          src={title.poster_url}
          name={title.name}
          className="size-full transition duration-500 ease-emphasized group-hover/card:scale-105"
        />
        <div className="absolute inset-0 bg-linear-to-t from-surface-950/80 via-transparent to-transparent opacity-0 transition-opacity group-hover/card:opacity-100 group-focus-visible/card:opacity-100" />
        <span
          aria-hidden="true"
          className="absolute bottom-3 left-3 grid size-10 scale-75 place-items-center rounded-full bg-accent-400 text-surface-950 opacity-0 transition duration-300 ease-emphasized group-hover/card:scale-100 group-hover/card:opacity-100 group-focus-visible/card:scale-100 group-focus-visible/card:opacity-100"
        >
          <Play className="size-5 translate-x-px fill-current" />
        </span>
        {progress !== undefined && <ProgressOverlay share={progress} />}
      </div>
      <div className="mt-2.5 px-0.5">
        <h3 {...userText(title.language)} className="truncate text-base leading-normal font-semibold">
          {title.name}
        </h3>
        <p className="truncate text-sm text-muted">{reason ?? cardFacts(title).join(' · ')}</p>
      </div>
    </Link>
  );
}

export function TitleCardSkeleton() {
  return (
    <div aria-hidden="true">
      <div className="skeleton aspect-video rounded-2xl" />
      <div className="skeleton mt-3 h-4 w-2/3 rounded" />
      <div className="skeleton mt-2 h-3 w-1/3 rounded" />
    </div>
  );
}
