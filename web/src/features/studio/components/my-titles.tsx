import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Clapperboard } from 'lucide-react';
import type { ReactNode } from 'react';
import { isCanceled } from '@/api/failure';
import { toProblem } from '@/api/problem';
import type { Title } from '@/api/types';
import { visibilityNames } from '@/api/visibility';
import { relativeTime } from '@/format/time';
import { buttonStyle } from '@/ui/button-style';
import { EmptyState } from '@/ui/empty-state';
import { Poster } from '@/ui/poster';
import { ProblemPanel } from '@/ui/problem-panel';
import { ShowMore } from '@/ui/show-more';
import { userText } from '@/ui/user-text';
import { myTitlesQuery } from '../api';
import { archivedNote } from '../rules';
import { TitleMenu } from './title-menu';

interface MyTitlesProps {
  stateBadge: (title: Title) => ReactNode;
}

export function MyTitles({ stateBadge }: MyTitlesProps) {
  const titles = useInfiniteQuery(myTitlesQuery);

  if (titles.isPending) return <RowsSkeleton />;
  if (!titles.data) return <ProblemPanel problem={toProblem(titles.error)} onRetry={() => titles.refetch()} />;

  const items = titles.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState icon={<Clapperboard aria-hidden="true" className="size-7" />} title="Your first film goes here">
        <p className="max-w-md text-muted">Upload one. We check, transcode and publish it, and show you each step.</p>
        <Link to="/upload" className={buttonStyle('primary')}>
          Upload a film
        </Link>
      </EmptyState>
    );
  }
  return (
    <>
      <ul className="flex flex-col gap-2">
        {items.map((title) => (
          <TitleRow key={title.title_id} title={title} badge={stateBadge(title)} />
        ))}
      </ul>
      <ShowMore query={titles} />
    </>
  );
}

function TitleRow({ title, badge }: { title: Title; badge: ReactNode }) {
  return (
    <li className="relative flex items-center gap-4 rounded-2xl bg-surface-900 p-3 pr-2 transition hover:bg-surface-850 sm:pr-4">
      <Poster
        src={title.poster_url}
        name={title.name}
        showName={false}
        className="aspect-video w-28 shrink-0 rounded-xl sm:w-40"
      />
      <div className="min-w-0 flex-1">
        <h2 {...userText(title.language)} className="truncate text-left text-lg leading-normal">
          <Link
            to="/studio/$titleId"
            params={{ titleId: title.title_id }}
            className="after:absolute after:inset-0 after:rounded-2xl"
          >
            {title.name}
          </Link>
        </h2>
        <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
          {badge}
          {title.state === 'published' && <span>{visibilityNames[title.visibility]}</span>}
          <span className="max-sm:hidden">updated {relativeTime(title.updated_at, Date.now())}</span>
        </div>
        {title.state === 'archived' && <p className="mt-1.5 text-sm text-muted">{archivedNote(title)}</p>}
        {title.failure && (
          <p className={`mt-1.5 line-clamp-2 text-sm ${isCanceled(title.failure) ? 'text-muted' : 'text-danger-300'}`}>
            {title.failure.sentence}
          </p>
        )}
      </div>
      <div className="relative">
        <TitleMenu title={title} />
      </div>
    </li>
  );
}

function RowsSkeleton() {
  return (
    <div role="status" className="flex flex-col gap-2">
      <span className="sr-only">Loading your titles</span>
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="flex items-center gap-4 rounded-2xl bg-surface-900 p-3">
          <div className="skeleton aspect-video w-28 rounded-xl sm:w-40" />
          <div className="flex flex-1 flex-col gap-3">
            <div className="skeleton h-5 w-1/2 rounded" />
            <div className="skeleton h-4 w-1/4 rounded" />
          </div>
        </div>
      ))}
    </div>
  );
}
