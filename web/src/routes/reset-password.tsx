import { createFileRoute, Link } from '@tanstack/react-router';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { ResetForm } from '@/features/session/components/reset-form';
import { usePageTitle } from '@/ui/page-title';
import { keepSearch, parseAuthSearch, requireSignedOut } from './-auth-search';
import { useContinue } from './-use-continue';

export const Route = createFileRoute('/reset-password')({
  validateSearch: parseAuthSearch,
  beforeLoad: requireSignedOut,
  component: ResetPasswordPage,
});

function ResetPasswordPage() {
  usePageTitle('Set a new password');
  const search = Route.useSearch();
  const onDone = useContinue(search);
  return (
    <AuthPage
      title="Check your email"
      lead={`${search.email ? `If ${search.email} has an account, we sent it a six-digit code.` : 'Enter the six-digit code that we sent you.'} It is valid for one hour.`}
      foot={
        <p>
          Remembered your password?{' '}
          <Link to="/sign-in" search={keepSearch(search)} className={footLink}>
            Sign in
          </Link>
        </p>
      }
    >
      <ResetForm email={search.email} onDone={onDone} />
    </AuthPage>
  );
}
