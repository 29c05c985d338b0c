import { createFileRoute, Link } from '@tanstack/react-router';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { ConfirmForm } from '@/features/session/components/confirm-form';
import { usePageTitle } from '@/ui/page-title';
import { keepSearch, parseAuthSearch, requireSignedOut } from './-auth-search';
import { useContinue } from './-use-continue';

export const Route = createFileRoute('/confirm')({
  validateSearch: parseAuthSearch,
  beforeLoad: requireSignedOut,
  component: ConfirmPage,
});

function ConfirmPage() {
  usePageTitle('Confirm your email');
  const search = Route.useSearch();
  const onDone = useContinue(search);
  return (
    <AuthPage
      title="Check your email"
      lead={`${search.email ? `We sent a six-digit code to ${search.email}.` : 'Enter the six-digit code that we sent you.'} It is valid for 24 hours.`}
      foot={
        <p>
          {' '}
          Already have an account?{' '}
          <Link to="/sign-in" search={keepSearch(search)} className={footLink}>
            Sign in
          </Link>
        </p>
      }
    >
      <ConfirmForm email={search.email} onDone={onDone} />
    </AuthPage>
  );
}
