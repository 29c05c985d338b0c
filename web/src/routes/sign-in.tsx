import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { SignInForm } from '@/features/session/components/sign-in-form';
import { nextPath } from '@/features/session/rules';
import { usePageTitle } from '@/ui/page-title';
import { keepSearch, parseAuthSearch, requireSignedOut } from './-auth-search';

export const Route = createFileRoute('/sign-in')({
  validateSearch: parseAuthSearch,
  beforeLoad: requireSignedOut,
  component: SignInPage,
});

function SignInPage() {
  usePageTitle('Sign in');
  const search = Route.useSearch();
  const navigate = useNavigate();
  const [email, setEmail] = useState(search.email);
  const authSearch = keepSearch(search, email);
  return (
    <AuthPage
      title="Welcome back"
      lead="Sign in to watch and publish films."
      foot={
        <>
          <p>
            New here?{' '}
            <Link to="/sign-up" search={authSearch} className={footLink}>
              Create an account
            </Link>
          </p>
          <p className="mt-2">
            <Link to="/forgot-password" search={authSearch} className={footLink}>
              Forgot your password?
            </Link>
          </p>
        </>
      }
    >
      {search.ended && (
        <p role="status" className="mb-5 rounded-2xl bg-accent-900 px-4 py-3 text-accent-200">
          You were signed out. Sign in to continue.
        </p>
      )}
      <SignInForm
        {...(search.email !== undefined && { email: search.email })}
        onEmailChange={setEmail}
        onDone={() => void navigate({ href: nextPath(search.next) })}
      />
    </AuthPage>
  );
}
