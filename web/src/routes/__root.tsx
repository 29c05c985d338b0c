import { createRootRoute, type ErrorComponentProps, Link, Outlet } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { newProblem, toProblem } from '@/api/problem';
import { buttonStyle } from '@/ui/button-style';
import { Logo } from '@/ui/logo';
import { OfflineBar } from '@/ui/offline-bar';
import { PageProblem } from '@/ui/page-problem';
import { PageSpinner } from '@/ui/spinner';
import { isStaleChunk, reloadOnce } from '@/ui/stale-chunk';
import { useSignedIn } from './-use-signed-in';

export const Route = createRootRoute({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: ErrorPage,
});

// The landing page does not need the app shell.
const AppShell = lazy(async () => ({ default: (await import('./-app-shell')).AppShell }));

function Root() {
  return (
    <>
      <Outlet />
      <OfflineBar />
    </>
  );
}

function NotFound() {
  return (
    <Layout>
      <PageProblem
        problem={newProblem('not-found', {
          title: 'Page not found',
          detail: 'The address may be wrong, or the page may have been removed.',
        })}
      >
        <Link to="/" className={buttonStyle('primary')}>
          Go home
        </Link>
      </PageProblem>
    </Layout>
  );
}

/** The layout of pages without a route: the app shell, or only the logo for signed-out users. */
function Layout({ children }: { children: ReactNode }) {
  if (useSignedIn()) {
    return (
      <Suspense fallback={<PageSpinner label="Loading the page" />}>
        <AppShell>{children}</AppShell>
      </Suspense>
    );
  }
  return <LogoLayout>{children}</LogoLayout>;
}

function LogoLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <header className="gutter flex h-20 items-center">
        <Link to="/" aria-label="Marquee, home" className="rounded-lg">
          <Logo />
        </Link>
      </header>
      <main>{children}</main>
    </>
  );
}

function ErrorPage({ error, reset }: ErrorComponentProps) {
  const stale = isStaleChunk(error);
  const reloads = stale && navigator.onLine && reloadOnce.allowed();
  useEffect(() => {
    if (reloads) reloadOnce.run();
  }, [reloads]);
  if (reloads) return <PageSpinner label="Loading the new version" />;

  const problem = stale && navigator.onLine ? chunkMissing : toProblem(error);
  return (
    <LogoLayout>
      <PageProblem problem={problem} onRetry={stale ? () => location.reload() : reset}>
        <Link to="/" reloadDocument={stale} className={buttonStyle()}>
          Go home
        </Link>
      </PageProblem>
    </LogoLayout>
  );
}

const chunkMissing = newProblem('unavailable', {
  title: 'Part of the app could not be loaded',
  detail: 'Marquee may have been updated just now. Reload the page in a moment.',
});
