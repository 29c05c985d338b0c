import { useMutation, useQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { toProblem } from '@/api/problem';
import { endSession } from '@/api/session';
import { meQuery, signOutEverywhere } from '@/features/session/api';
import { PasswordForm } from '@/features/session/components/password-form';
import { Button } from '@/ui/button';
import { PageProblem } from '@/ui/page-problem';
import { usePageTitle } from '@/ui/page-title';
import { ProblemAlert } from '@/ui/problem-panel';
import { PageSpinner } from '@/ui/spinner';
import { pageHeadingStyle, userText } from '@/ui/user-text';

export const Route = createFileRoute('/_authenticated/account')({ component: AccountPage });

function AccountPage() {
  usePageTitle('Account');
  const me = useQuery(meQuery);
  if (me.isPending) return <PageSpinner label="Loading your account" />;
  if (!me.data) return <PageProblem problem={toProblem(me.error)} onRetry={() => me.refetch()} />;

  return (
    <div className="gutter pt-28">
      <div className="mx-auto flex max-w-md animate-rise flex-col gap-12">
        <header>
          <h1 {...userText()} className={pageHeadingStyle(me.data.display_name)}>
            {me.data.display_name}
          </h1>
          <p className="mt-2 text-secondary">{me.data.email}</p>
        </header>
        <section aria-labelledby="password">
          <h2 id="password" className="mb-5 text-2xl">
            Password
          </h2>
          <PasswordForm email={me.data.email} />
        </section>
        <section aria-labelledby="sessions">
          <h2 id="sessions" className="mb-2 text-2xl">
            Sign out everywhere
          </h2>
          <p className="mb-5 text-secondary">
            You are signed out here at once, and on your other devices within 15 minutes.
          </p>
          <SignOutEverywhere />
        </section>
      </div>
    </div>
  );
}

function SignOutEverywhere() {
  const attempt = useMutation({ mutationFn: signOutEverywhere, onSuccess: () => endSession() });
  return (
    <div className="flex flex-col gap-4">
      {attempt.error && <ProblemAlert problem={toProblem(attempt.error)} />}
      <Button variant="danger" isPending={attempt.isPending} onPress={() => attempt.mutate()} className="self-start">
        Sign out everywhere
      </Button>
    </div>
  );
}
