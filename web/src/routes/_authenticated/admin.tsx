import { createFileRoute, Link, type LinkProps, Outlet } from '@tanstack/react-router';
import { RequireRole } from '../-require-role';

export const Route = createFileRoute('/_authenticated/admin')({
  component: () => (
    <RequireRole allow="admin">
      <div className="gutter mx-auto max-w-6xl pt-28">
        <Tabs />
        <Outlet />
      </div>
    </RequireRole>
  ),
});

const pages: { to: NonNullable<LinkProps['to']>; name: string }[] = [
  { to: '/admin', name: 'Titles' },
  { to: '/admin/recommender', name: 'Recommender' },
  { to: '/admin/people', name: 'People' },
  { to: '/admin/audit', name: 'Audit log' },
];

/** The tabs of the admin pages. */
function Tabs() {
  return (
    <nav aria-label="Administration" className="mb-6 border-b border-surface-800">
      <ul className="flex flex-wrap gap-x-4 sm:gap-x-6">
        {pages.map(({ to, name }) => (
          <li key={to}>
            <Link
              to={to}
              activeOptions={{ exact: true, includeSearch: false }}
              className="inline-flex min-h-11 items-center border-b-2 border-transparent font-semibold text-secondary transition hover:text-foreground aria-[current=page]:border-accent-400 aria-[current=page]:text-foreground"
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
