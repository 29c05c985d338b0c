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
  errorComponent: Broken,
});

// The front page does not wait for what is around the pages of members.
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
    <Surroundings>
      <PageProblem
        problem={newProblem('not-found', {
          title: 'Page not found',
          detail: 'The address may be mistyped, or the page may have been removed.',
        })}
      >
        <Link to="/" className={buttonStyle('primary')}>
          Go home
        </Link>
      </PageProblem>
    </Surroundings>
  );
}

/** What is around a page without a route of its own: the frame of members, or the sign. */
function Surroundings({ children }: { children: ReactNode }) {
  if (useSignedIn()) {
    return (
      <Suspense fallback={<PageSpinner label="Loading the page" />}>
        <AppShell>{children}</AppShell>
      </Suspense>
    );
  }
  return <Signed>{children}</Signed>;
}

function Signed({ children }: { children: ReactNode }) {
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

function Broken({ error, reset }: ErrorComponentProps) {
  const stale = isStaleChunk(error);
  const reloads = stale && navigator.onLine && reloadOnce.allowed();
  useEffect(() => {
    if (reloads) reloadOnce.run();
  }, [reloads]);
  if (reloads) return <PageSpinner label="Loading the new version" />;

  const problem = stale && navigator.onLine ? outdated : toProblem(error);
  return (
    <Signed>
      <PageProblem problem={problem} onRetry={stale ? () => location.reload() : reset}>
        <Link to="/" reloadDocument={stale} className={buttonStyle()}>
          Go home
        </Link>
      </PageProblem>
    </Signed>
  );
}

const outdated = newProblem('unavailable', {
  title: 'A part of the app is missing',
  detail: 'Marquee may just be getting a new version. Reload the page in a moment.',
});
