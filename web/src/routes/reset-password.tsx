import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { signedIn } from '@/api/session';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { ResetForm } from '@/features/session/components/reset-form';
import { nextPath } from '@/features/session/rules';
import { usePageTitle } from '@/ui/page-title';
import { handedOn, onlySignedOut, sessionSearch } from './-session-search';

export const Route = createFileRoute('/reset-password')({
  validateSearch: sessionSearch,
  beforeLoad: onlySignedOut,
  component: ResetPasswordPage,
});

function ResetPasswordPage() {
  usePageTitle('Set a new password');
  const search = Route.useSearch();
  const navigate = useNavigate();
  // Signing in right after it may have been refused for a while: the account is there all the same.
  const goOn = () => {
    if (signedIn()) void navigate({ href: nextPath(search.next) });
    else void navigate({ to: '/sign-in', search: handedOn(search) });
  };
  return (
    <AuthPage
      title="Check your mail"
      lead={`If ${search.email ?? 'your address'} has an account, a code of six digits is on its way. It is good for an hour.`}
      foot={
        <p>
          Have no account?{' '}
          <Link to="/sign-up" search={handedOn(search)} className={footLink}>
            Create one
          </Link>
        </p>
      }
    >
      <ResetForm email={search.email} onDone={goOn} />
    </AuthPage>
  );
}
