import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { signedIn } from '@/api/session';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { ConfirmForm } from '@/features/session/components/confirm-form';
import { nextPath } from '@/features/session/rules';
import { usePageTitle } from '@/ui/page-title';
import { handedOn, onlySignedOut, sessionSearch } from './-session-search';

export const Route = createFileRoute('/confirm')({
  validateSearch: sessionSearch,
  beforeLoad: onlySignedOut,
  component: ConfirmPage,
});

function ConfirmPage() {
  usePageTitle('Confirm your address');
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
      lead={`We sent a code of six digits to ${search.email ?? 'your address'}. It is good for a day.`}
      foot={
        <p>
          Have an account?{' '}
          <Link to="/sign-in" search={handedOn(search)} className={footLink}>
            Sign in
          </Link>
        </p>
      }
    >
      <ConfirmForm email={search.email} onDone={goOn} />
    </AuthPage>
  );
}
