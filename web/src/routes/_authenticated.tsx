import { createFileRoute, Outlet, redirect } from '@tanstack/react-router';
import { signedIn } from '@/api/session';
import { Frame } from './-app-shell';

/** The pages of those who are signed in. */
export const Route = createFileRoute('/_authenticated')({
  beforeLoad: ({ location }) => {
    if (!signedIn()) throw redirect({ to: '/sign-in', search: { next: location.href } });
  },
  component: () => (
    <Frame>
      <Outlet />
    </Frame>
  ),
});
