import { createFileRoute, Link, useNavigate } from '@tanstack/react-router';
import { AuthPage, footLink } from '@/features/session/components/auth-page';
import { ConfirmForm } from '@/features/session/components/confirm-form';
import { usePageTitle } from '@/ui/page-title';

interface ConfirmSearch {
  email?: string;
}

export const Route = createFileRoute('/confirm')({
  validateSearch: ({ email }: Record<string, unknown>): ConfirmSearch => (typeof email === 'string' ? { email } : {}),
  component: ConfirmPage,
});

function ConfirmPage() {
  usePageTitle('Confirm your address');
  const { email } = Route.useSearch();
  const navigate = useNavigate();
  return (
    <AuthPage
      title="Check your mail"
      lead={email ? `We sent a code of six digits to ${email}.` : 'We sent you a code of six digits.'}
      foot={
        <p>
          Confirmed already?{' '}
          <Link to="/sign-in" className={footLink}>
            Sign in
          </Link>
        </p>
      }
    >
      <ConfirmForm
        email={email}
        onDone={(confirmed) => void navigate({ to: '/sign-in', search: { email: confirmed } })}
      />
    </AuthPage>
  );
}
