import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { problemIn, problemOf } from '@/api/problem';
import type { Role } from '@/api/types';
import { meQuery } from '@/features/session/api';
import { StartPublishing } from '@/features/session/components/start-publishing';
import { may } from '@/features/session/rules';
import { buttonStyle } from '@/ui/button-style';
import { PageProblem } from '@/ui/page-problem';
import { PageWait } from '@/ui/spinner';

const reasons: Record<Role, { title?: string; detail: string }> = {
  viewer: { detail: 'Sign in to see it.' },
  creator: {
    title: 'For creators',
    detail: 'Your account is for watching. Start publishing to upload films of your own.',
  },
  admin: { detail: 'Only those who run this Marquee can see this page.' },
};

/** A page for those who have a role. The service decides for itself; this only spares people a refusal. */
export function OnlyFor({ who, children }: { who: Role; children: ReactNode }) {
  const me = useQuery(meQuery);
  if (me.isPending) return <PageWait label="Signing you in…" />;
  if (!me.data) {
    return <PageProblem problem={problemIn(me.error)} onRetry={() => me.refetch()} />;
  }
  if (may(me.data, who)) return children;
  return (
    <PageProblem problem={problemOf('forbidden', reasons[who])}>
      {who === 'creator' && <StartPublishing me={me.data} />}
      <Link to="/" className={buttonStyle(who === 'creator' ? 'quiet' : 'primary')}>
        Go home
      </Link>
    </PageProblem>
  );
}
