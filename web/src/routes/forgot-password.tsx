import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { forgotPassword } from '@/features/session/api';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { AddressForm } from '@/features/session/components/email-form';
import { usePageTitle } from '@/ui/page-title';
import { handedOn, onlySignedOut, sessionSearch } from './-auth-search';

export const Route = createFileRoute('/forgot-password')({
  validateSearch: sessionSearch,
  beforeLoad: onlySignedOut,
  component: ForgotPasswordPage,
});

function ForgotPasswordPage() {
  usePageTitle('Forgot your password');
  const search = Route.useSearch();
  const navigate = useNavigate();
  return (
    <AuthPage
      title="Forgot your password?"
      lead="We mail a code to your address. With it you set a new password."
      foot={
        <p>
          Remembered it?{' '}
          <Link to="/sign-in" search={handedOn(search)} className={footLink}>
            Sign in
          </Link>
        </p>
      }
    >
      <AddressForm
        email={search.email}
        action="Send me a code"
        ask={forgotPassword}
        onDone={(email) => void navigate({ to: '/reset-password', search: handedOn(search, email) })}
      />
    </AuthPage>
  );
}
