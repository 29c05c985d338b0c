import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import { toProblem } from '@/api/problem';
import type { AuditEntry } from '@/api/types';
import { EmptyState } from '@/ui/empty-state';
import { ProblemPanel } from '@/ui/problem-panel';
import { ShortId } from '@/ui/short-id';
import { ShowMore } from '@/ui/show-more';
import { auditQuery } from '../api';
import { parseTarget, type Target } from '../rules';

const actions: Record<AuditEntry['action'], string> = {
  role_granted: 'granted a role',
  role_taken: 'removed a role',
  account_disabled: 'disabled an account',
  account_enabled: 'enabled an account',
  creator_approved: 'approved a creator',
  creator_declined: 'declined a creator',
  title_changed: 'changed a title',
  title_archived: 'archived a title',
  title_restored: 'restored a title',
  title_deleted: 'deleted a title',
  title_redriven: 'ran a title again',
  title_canceled: 'canceled the processing of a title',
  retraining_started: 'started a retraining',
  experiment_started: 'started an experiment',
  experiment_stopped: 'stopped an experiment',
  refused: 'was refused',
};

/** What admins did on one day, newest first. */
export function AuditLog({ day }: { day: string }) {
  const log = useInfiniteQuery(auditQuery(day));

  if (log.isPending)
    return <div role="status" aria-label="Loading the audit log" className="skeleton h-64 rounded-2xl" />;
  if (!log.data) return <ProblemPanel problem={toProblem(log.error)} onRetry={() => log.refetch()} />;

  const items = log.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState icon={<ScrollText aria-hidden="true" className="size-7" />} title="No entries on this day">
        <p className="text-muted">What admins do is logged here and kept for 400 days.</p>
      </EmptyState>
    );
  }
  return (
    <>
      <ol className="divide-y divide-surface-800 rounded-2xl border border-surface-800">
        {items.map((entry) => (
          <AuditRow key={entry.entry_id} entry={entry} />
        ))}
      </ol>
      <ShowMore query={log} />
    </>
  );
}

function AuditRow({ entry }: { entry: AuditEntry }) {
  return (
    <li className="px-5 py-3.5 text-sm">
      <p className="text-base">
        <ShortId id={entry.actor_id} name={entry.actor_name} link={linkTo('account', entry.actor_id)} />{' '}
        <span className={entry.action === 'refused' ? 'font-semibold text-danger-300' : 'font-semibold'}>
          {actions[entry.action]}
        </span>
        {entry.detail !== undefined && ` (${entry.detail})`}
      </p>
      {entry.target && <TargetLine entry={entry} target={entry.target} />}
      <p className="text-muted">
        {/* The day above is one of UTC, too. */}
        <time dateTime={entry.at}>{new Date(entry.at).toLocaleTimeString('en', { timeZone: 'UTC' })} UTC</time> ·{' '}
        <span>{entry.route}</span>
        {entry.address !== undefined && ` · from ${entry.address}`}
      </p>
    </li>
  );
}

function TargetLine({ entry, target }: { entry: AuditEntry; target: string }) {
  const known = parseTarget(target);
  if (!known) return <code className="block break-all text-secondary">{target}</code>;
  const link = entry.action === 'title_deleted' ? (shown: ReactNode) => shown : linkTo(known.kind, known.id);
  return (
    <p className="text-secondary first-letter:uppercase">
      {known.kind} <ShortId id={known.id} name={entry.target_name} link={link} />
    </p>
  );
}

/** Links to the page where an admin sees what an ID identifies. */
function linkTo(kind: Target['kind'], id: string) {
  const pages: Record<Target['kind'], LinkProps> = {
    account: { to: '/admin/people', search: { account: id } },
    title: { to: '/studio/$titleId', params: { titleId: id } },
    retraining: { to: '/admin/recommender' },
    experiment: { to: '/admin/recommender' },
  };
  return (shown: ReactNode) => (
    <Link {...pages[kind]} className="text-secondary underline underline-offset-4 hover:text-accent-400">
      {shown}
    </Link>
  );
}
