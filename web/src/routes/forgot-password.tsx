import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { forgotPassword } from '@/features/session/api';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { EmailForm } from '@/features/session/components/email-form';
import { usePageTitle } from '@/ui/page-title';
import { keepSearch, parseAuthSearch, requireSignedOut } from './-auth-search';

export const Route = createFileRoute('/forgot-password')({
  validateSearch: parseAuthSearch,
  beforeLoad: requireSignedOut,
  component: ForgotPasswordPage,
});

function ForgotPasswordPage() {
  usePageTitle('Forgot your password');
  const search = Route.useSearch();
  const navigate = useNavigate();
  return (
    <AuthPage
      title="Forgot your password?"
      lead="We’ll email you a code to set a new password."
      foot={
        <p>
          Remembered your password?{' '}
          <Link to="/sign-in" search={keepSearch(search)} className={footLink}>
            Sign in
          </Link>
        </p>
      }
    >
      <EmailForm
        email={search.email}
        action="Send me a code"
        requestCode={forgotPassword}
        onDone={(email) => void navigate({ to: '/reset-password', search: keepSearch(search, email) })}
      />
    </AuthPage>
  );
}
