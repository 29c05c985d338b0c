import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, ListChecks } from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components';
import { problemIn } from '@/api/problem';
import type { Title, TitleState } from '@/api/types';
import { Button } from '@/ui/button';
import { EmptyPanel, ProblemPanel } from '@/ui/panels';
import { ago } from '@/words/time';
import { pipelinesQuery } from '../api';

interface PipelinesProps {
  state: TitleState;
  stateNames: Record<TitleState, string>;
  onOpen: (title: Title) => void;
}

const states: TitleState[] = ['processing', 'failed', 'published', 'uploading', 'draft', 'ready', 'archived'];

/** The titles of everybody, by the state that they are in. */
export function Pipelines({ state, stateNames, onOpen }: PipelinesProps) {
  return (
    <>
      <nav aria-label="State" className="mb-6">
        <ul className="hide-scrollbar -mx-1 flex gap-2 overflow-x-auto p-1">
          {states.map((each) => (
            <li key={each}>
              <Link
                to="/admin"
                search={{ state: each }}
                aria-current={each === state ? 'page' : undefined}
                className="inline-flex min-h-10 items-center rounded-full bg-ink-850 px-4 text-sm font-semibold text-ink-300 transition hover:bg-ink-700 hover:text-paper aria-[current]:bg-paper aria-[current]:text-ink-950"
              >
                {stateNames[each]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <PipelineList state={state} stateName={stateNames[state]} onOpen={onOpen} />
    </>
  );
}

interface PipelineListProps {
  state: TitleState;
  stateName: string;
  onOpen: (title: Title) => void;
}

function PipelineList({ state, stateName, onOpen }: PipelineListProps) {
  const titles = useInfiniteQuery(pipelinesQuery(state));

  if (titles.isPending) return <TableSkeleton />;
  if (!titles.data) return <ProblemPanel problem={problemIn(titles.error)} onRetry={() => titles.refetch()} />;

  const items = titles.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyPanel
        picture={<ListChecks aria-hidden="true" className="size-7" />}
        title={`None is ${stateName.toLowerCase()}`}
      >
        <p className="text-ink-400">
          {state === 'failed' ? 'Nothing needs your attention.' : 'Titles in this state stand here.'}
        </p>
      </EmptyPanel>
    );
  }
  return (
    <>
      <div className="overflow-x-auto rounded-2xl border border-ink-800">
        <table className="w-full min-w-160 text-left">
          <caption className="sr-only">Titles that are {stateName.toLowerCase()}</caption>
          <thead className="bg-ink-900 text-sm text-ink-400">
            <tr>
              <th className="px-5 py-3 font-medium">Title</th>
              <th className="px-5 py-3 font-medium">By</th>
              <th className="px-5 py-3 font-medium">{state === 'failed' ? 'Why' : 'File'}</th>
              <th className="px-5 py-3 font-medium">Changed</th>
              <th className="px-5 py-3">
                <span className="sr-only">Open</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((title) => (
              <PipelineRow key={title.title_id} title={title} onOpen={() => onOpen(title)} />
            ))}
          </tbody>
        </table>
      </div>
      {titles.hasNextPage && (
        <div className="mt-6 flex justify-center">
          <Button onPress={() => titles.fetchNextPage()} isPending={titles.isFetchingNextPage}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

function PipelineRow({ title, onOpen }: { title: Title; onOpen: () => void }) {
  return (
    <tr className="relative border-t border-ink-800 transition hover:bg-ink-900">
      <th scope="row" className="max-w-72 px-5 py-3.5">
        <AriaButton
          onPress={onOpen}
          className="block max-w-full cursor-pointer truncate text-left font-semibold after:absolute after:inset-0"
        >
          {title.name}
        </AriaButton>
        <code className="block truncate text-xs font-normal text-ink-400">{title.title_id}</code>
      </th>
      <td className="px-5 py-3.5 text-ink-300">{title.owner.display_name}</td>
      <td className="max-w-80 px-5 py-3.5 text-sm">
        {title.failure ? (
          <>
            <span className="block font-semibold text-ember-300">
              {title.failure.error} <span className="font-normal text-ink-400">in {title.failure.step}</span>
            </span>
            <span className="line-clamp-2 text-ink-300">{title.failure.sentence}</span>
          </>
        ) : (
          <span className="text-ink-400">{title.asset_id ? 'There' : 'Not yet'}</span>
        )}
      </td>
      <td className="px-5 py-3.5 text-sm whitespace-nowrap text-ink-300">{ago(title.updated_at, Date.now())}</td>
      <td className="px-5 py-3.5 text-ink-400">
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
