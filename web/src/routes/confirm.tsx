import { createFileRoute, Link } from '@tanstack/react-router';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { ConfirmForm } from '@/features/session/components/confirm-form';
import { usePageTitle } from '@/ui/page-title';
import { handedOn, onlySignedOut, sessionSearch } from './-auth-search';
import { useGoOn } from './-use-continue';

export const Route = createFileRoute('/confirm')({
  validateSearch: sessionSearch,
  beforeLoad: onlySignedOut,
  component: ConfirmPage,
});

function ConfirmPage() {
  usePageTitle('Confirm your address');
  const search = Route.useSearch();
  const goOn = useGoOn(search);
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
