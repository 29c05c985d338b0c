import { createFileRoute, Link, redirect, useNavigate } from '@tanstack/react-router';
import { signedIn } from '@/api/session';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { SignInForm } from '@/features/session/components/sign-in-form';
import { nextPath } from '@/features/session/rules';
import { usePageTitle } from '@/ui/page-title';

interface SignInSearch {
  next?: string;
  email?: string;
}

export const Route = createFileRoute('/sign-in')({
  validateSearch: ({ next, email }: Record<string, unknown>): SignInSearch => ({
    ...(typeof next === 'string' && { next }),
    ...(typeof email === 'string' && { email }),
  }),
  beforeLoad: ({ search }) => {
    if (signedIn()) throw redirect({ href: nextPath(search.next) });
  },
  component: SignInPage,
});

function SignInPage() {
  usePageTitle('Sign in');
  const { next, email } = Route.useSearch();
  const navigate = useNavigate();
  return (
    <AuthPage
      title="Welcome back"
      lead="The lights are about to go down."
      foot={
        <p>
          New here?{' '}
          <Link to="/sign-up" className={footLink}>
            Create an account
          </Link>
        </p>
      }
    >
      <SignInForm
        {...(email !== undefined && { email })}
        onDone={() => void navigate({ href: nextPath(next) })}
        onUnconfirmed={(unconfirmed) => void navigate({ to: '/confirm', search: { email: unconfirmed } })}
      />
    </AuthPage>
  );
}
