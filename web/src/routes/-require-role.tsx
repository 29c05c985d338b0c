import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { newProblem, toProblem } from '@/api/problem';
import type { Role } from '@/api/types';
import { meQuery } from '@/features/session/api';
import { StartPublishing } from '@/features/session/components/start-publishing';
import { hasRole } from '@/features/session/rules';
import { buttonStyle } from '@/ui/button-style';
import { PageProblem } from '@/ui/page-problem';
import { PageSpinner } from '@/ui/spinner';

const reasons: Record<Role, { title?: string; detail: string }> = {
  viewer: { detail: 'Sign in to see this page.' },
  creator: {
    title: 'Only for creators',
    detail: 'Choose “Start publishing” to become a creator: at once, or as soon as an admin has agreed.',
  },
  admin: { detail: 'Only admins can see this page.' },
};

/** Shows its children to users with a role. The service enforces roles itself; this only explains a refusal in advance. */
export function RequireRole({ allow, children }: { allow: Role; children: ReactNode }) {
  const me = useQuery(meQuery);
  if (me.isPending) return <PageSpinner label="Signing you in…" />;
  if (!me.data) {
    return <PageProblem problem={toProblem(me.error)} onRetry={() => me.refetch()} />;
  }
  if (hasRole(me.data, allow)) return children;
  return (
    <PageProblem problem={newProblem('forbidden', reasons[allow])}>
      {allow === 'creator' && <StartPublishing me={me.data} />}
      <Link to="/" className={buttonStyle(allow === 'creator' ? 'secondary' : 'primary')}>
        Go home
      </Link>
    </PageProblem>
  );
}
