import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { SignUpForm } from '@/features/session/components/sign-up-form';
import { usePageTitle } from '@/ui/page-title';

export const Route = createFileRoute('/sign-up')({ component: SignUpPage });

function SignUpPage() {
  usePageTitle('Create an account');
  const navigate = useNavigate();
  return (
    <AuthPage
      title="Take a seat"
      lead="An account is free. We mail you a code to confirm your address."
      foot={
        <p>
          Have an account?{' '}
          <Link to="/sign-in" className={footLink}>
            Sign in
          </Link>
        </p>
      }
    >
      <SignUpForm onDone={(email) => void navigate({ to: '/confirm', search: { email } })} />
    </AuthPage>
  );
}
