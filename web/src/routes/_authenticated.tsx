import { createFileRoute, Outlet, redirect } from '@tanstack/react-router';
import { isSignedIn } from '@/api/session';
import { AppShell } from './-app-shell';

/** The pages for signed-in users. */
export const Route = createFileRoute('/_authenticated')({
  beforeLoad: ({ location }) => {
    if (!isSignedIn()) throw redirect({ to: '/sign-in', search: { next: location.href } });
  },
  component: () => (
    <AppShell>
      <Outlet />
    </AppShell>
  ),
});
