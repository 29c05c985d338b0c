import { useInfiniteQuery } from '@tanstack/react-query';
import { toProblem } from '@/api/problem';
import type { CreatorRequestOfAccount } from '@/api/types';
import { relativeTime } from '@/format/time';
import { Button } from '@/ui/button';
import { ProblemPanel } from '@/ui/problem-panel';
import { ShowMore } from '@/ui/show-more';
import { requestsQuery, useDecision } from '../api';

/** Pending requests to become a creator. Renders nothing while there are none. */
export function Requests() {
  const requests = useInfiniteQuery(requestsQuery);

  if (requests.isPending) return null;
  if (!requests.data) return <ProblemPanel problem={toProblem(requests.error)} onRetry={() => requests.refetch()} />;

  const items = requests.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="requests" className="mb-10">
      <h2 id="requests" className="mb-1 text-2xl">
        Requests to publish
      </h2>
      <p className="mb-4 text-sm text-muted">
        A person who is approved can upload and publish films. A person who is declined can ask again in a week.
      </p>
      <ul className="divide-y divide-surface-800 rounded-2xl border border-surface-800">
        {items.map((request) => (
          <RequestRow key={request.account_id} request={request} />
        ))}
      </ul>
      <ShowMore query={requests} />
    </section>
  );
}

function RequestRow({ request }: { request: CreatorRequestOfAccount }) {
  const decision = useDecision(request.account_id);
  const name = request.account?.display_name ?? 'Deleted account';

  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-56">
        <bdi className="block truncate font-semibold">{name}</bdi>
        <span className="block truncate text-sm text-secondary">{request.account?.email}</span>
      </div>
      <span className="text-sm whitespace-nowrap text-muted">
        requested {relativeTime(request.asked_at, Date.now())}
      </span>
      <div className="flex gap-2">
        {request.account && (
          <Button
            variant="primary"
            aria-label={`Approve ${name}`}
            isPending={decision.isPending}
            onPress={() => decision.mutate('approve')}
          >
            Approve
          </Button>
        )}
        <Button
          aria-label={`Decline ${name}`}
          isPending={decision.isPending}
          onPress={() => decision.mutate('decline')}
        >
          Decline
        </Button>
      </div>
      {decision.error && (
        <p role="alert" className="basis-full text-sm text-danger-300">
          {toProblem(decision.error).detail}
        </p>
      )}
    </li>
  );
}
