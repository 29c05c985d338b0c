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
      title="Check your mail"
      lead={`If ${search.email ?? 'your address'} has an account, a code of six digits is on its way. It is good for an hour.`}
      foot={
        <p>
          Have no account?{' '}
          <Link to="/sign-up" search={keepSearch(search)} className={footLink}>
            Create one
          </Link>
        </p>
      }
    >
      <ResetForm email={search.email} onDone={onDone} />
    </AuthPage>
  );
}
