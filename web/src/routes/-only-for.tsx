import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { problemIn, problemOf } from '@/api/problem';
import type { Role } from '@/api/types';
import { meQuery } from '@/features/session/api';
import { may } from '@/features/session/rules';
import { PageWait } from '@/ui/bulbs';
import { buttonStyle } from '@/ui/button-style';
import { PageProblem } from '@/ui/page-problem';

const reasons: Record<Role, string> = {
  viewer: 'Sign in to see it.',
  creator: 'Only accounts that publish can see this page. Yours is for watching.',
  admin: 'Only those who run this Marquee can see this page.',
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
    <PageProblem problem={problemOf('forbidden', { detail: reasons[who] })}>
      <Link to="/" className={buttonStyle('primary')}>
        Go home
      </Link>
    </PageProblem>
  );
}
