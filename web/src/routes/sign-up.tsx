import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { signUp } from '@/features/session/api';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { EmailForm } from '@/features/session/components/email-form';
import { usePageTitle } from '@/ui/page-title';
import { keepSearch, parseAuthSearch, requireSignedOut } from './-auth-search';

export const Route = createFileRoute('/sign-up')({
  validateSearch: parseAuthSearch,
  beforeLoad: requireSignedOut,
  component: SignUpPage,
});

function SignUpPage() {
  usePageTitle('Create an account');
  const search = Route.useSearch();
  const navigate = useNavigate();
  return (
    <AuthPage
      title="Create an account"
      lead="It’s free. We’ll email you a code, then you choose a name and a password."
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
      <EmailForm
        email={search.email}
        action="Send me a code"
        requestCode={signUp}
        onDone={(email) => void navigate({ to: '/confirm', search: keepSearch(search, email) })}
      />
    </AuthPage>
  );
}
