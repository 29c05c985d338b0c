import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, ListChecks } from 'lucide-react';
import { isCanceled } from '@/api/failure';
import { toProblem } from '@/api/problem';
import type { Failure, Title, TitleState } from '@/api/types';
import { visibilityNames } from '@/api/visibility';
import { relativeTime } from '@/format/time';
import { EmptyState } from '@/ui/empty-state';
import { filterChipStyle } from '@/ui/filter-chip-style';
import { ProblemPanel } from '@/ui/problem-panel';
import { ShowMore } from '@/ui/show-more';
import { userText } from '@/ui/user-text';
import { adminTitlesQuery, firstStateQuery } from '../api';

interface TitlesProps {
  /** The state to show; undefined for the most urgent one that has titles. */
  state: TitleState | undefined;
  stateNames: Record<TitleState, string>;
  /** What failed: the step, in words. */
  failureLabel: (failure: Failure) => string;
}

/** In the order of a title's life. */
const states: TitleState[] = ['draft', 'uploading', 'processing', 'failed', 'ready', 'published', 'archived'];

/** All titles, filtered by state. */
export function Titles({ state: chosen, stateNames, failureLabel }: TitlesProps) {
  const first = useQuery({ ...firstStateQuery, enabled: chosen === undefined });
  // While it is found again, the state of the last visit is no answer.
  const state = chosen ?? (first.isFetching ? undefined : first.data);
  return (
    <>
      <nav aria-label="State" className="mb-6">
        <ul className="flex flex-wrap gap-2">
          {states.map((each) => (
            <li key={each}>
              <Link
                to="/admin"
                search={{ state: each }}
                aria-current={each === state ? 'page' : undefined}
                className={filterChipStyle}
              >
                {stateNames[each]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {state && <TitleList state={state} stateName={stateNames[state]} failureLabel={failureLabel} />}
      {!state && first.isPending && <TableSkeleton />}
      {!state && first.error && <ProblemPanel problem={toProblem(first.error)} onRetry={() => first.refetch()} />}
    </>
  );
}

/** Each title once, in its latest version: a title that changes during paging can be on two pages. */
function latest(items: Title[]): Title[] {
  return [...new Map(items.map((title) => [title.title_id, title])).values()];
}

interface TitleListProps extends Pick<TitlesProps, 'failureLabel'> {
  state: TitleState;
  stateName: string;
}

const emptyTexts: Record<TitleState, string> = {
  draft: 'There are no drafts',
  uploading: 'Nothing is being uploaded',
  processing: 'Nothing is being processed',
  ready: 'No title waits to be published',
  published: 'Nothing is published',
  failed: 'Nothing has failed',
  archived: 'Nothing is archived',
};

function TitleList({ state, stateName, failureLabel }: TitleListProps) {
  const titles = useInfiniteQuery(adminTitlesQuery(state));

  if (titles.isPending) return <TableSkeleton />;
  if (!titles.data) return <ProblemPanel problem={toProblem(titles.error)} onRetry={() => titles.refetch()} />;

  const items = latest(titles.data.pages.flatMap((page) => page.items));
  if (items.length === 0) {
    return (
      <EmptyState icon={<ListChecks aria-hidden="true" className="size-7" />} title={emptyTexts[state]}>
        <p className="text-muted">
          {state === 'failed' ? 'Nothing needs your attention.' : 'Titles in this state appear here.'}
        </p>
      </EmptyState>
    );
  }
  return (
    <>
      {/* `relative` keeps visually hidden text from widening the page. */}
      <div className="relative overflow-x-auto rounded-2xl border border-surface-800">
        <table className="w-full text-left max-md:block md:min-w-160">
          <caption className="sr-only">{stateName} titles</caption>
          <thead className="bg-surface-900 text-sm text-muted max-md:sr-only">
            <tr>
              <th className="px-5 py-3 font-medium">Title</th>
              <th className="px-5 py-3 font-medium">Creator</th>
              <th className="px-5 py-3 font-medium">{state === 'failed' ? 'Reason' : 'Visibility'}</th>
              <th className="px-5 py-3 font-medium">Updated</th>
              <th className="px-5 py-3">
                <span className="sr-only">Open</span>
              </th>
            </tr>
          </thead>
          <tbody className="max-md:block">
            {items.map((title) => (
              <TitleRow key={title.title_id} title={title} state={state} failureLabel={failureLabel} />
            ))}
          </tbody>
        </table>
      </div>
      <ShowMore query={titles} />
    </>
  );
}

interface TitleRowProps extends Pick<TitleListProps, 'state' | 'failureLabel'> {
  title: Title;
}

/** A table row; on phones a card with the cells stacked. */
function TitleRow({ title, state, failureLabel }: TitleRowProps) {
  return (
    <tr className="relative border-t border-surface-800 transition first:border-t-0 hover:bg-surface-900 max-md:flex max-md:flex-col max-md:gap-1 max-md:px-4 max-md:py-3.5 md:first:border-t">
      <th scope="row" className="text-left md:max-w-72 md:px-5 md:py-3.5">
        <Link
          to="/admin"
          search={{ state, title: title.title_id }}
          resetScroll={false}
          {...userText(title.language)}
          className="block max-w-full truncate text-left font-semibold after:absolute after:inset-0"
        >
          {title.name}
        </Link>
        <code className="block text-xs font-normal break-all text-muted">{title.title_id}</code>
      </th>
      <td className="text-secondary max-md:text-sm md:max-w-48 md:px-5 md:py-3.5">
        <bdi className="line-clamp-2">{title.owner.display_name}</bdi>
      </td>
      <td className="text-sm md:max-w-80 md:px-5 md:py-3.5">
        {title.failure ? (
          <>
            <span className={`block font-semibold ${isCanceled(title.failure) ? 'text-secondary' : 'text-danger-300'}`}>
              {failureLabel(title.failure)}{' '}
              <code className="text-xs font-normal text-muted">{title.failure.error}</code>
            </span>
            <span className="text-secondary">{title.failure.sentence}</span>
          </>
        ) : (
          <span className="text-muted">{visibilityNames[title.visibility]}</span>
        )}
      </td>
      <td className="text-sm whitespace-nowrap text-secondary md:px-5 md:py-3.5">
        {relativeTime(title.updated_at, Date.now())}
      </td>
      <td className="text-muted max-md:hidden md:px-5 md:py-3.5">
        <ChevronRight aria-hidden="true" className="size-5" />
      </td>
    </tr>
  );
}

function TableSkeleton() {
  return (
    <div role="status" className="flex flex-col gap-px overflow-hidden rounded-2xl">
      <span className="sr-only">Loading titles</span>
      {[0, 1, 2, 3, 4, 5].map((row) => (
        <div key={row} className="skeleton h-16" />
      ))}
    </div>
  );
}
