import { createRootRoute, type ErrorComponentProps, Link, Outlet } from '@tanstack/react-router';
import { problemIn, problemOf } from '@/api/problem';
import { buttonStyle } from '@/ui/button-style';
import { OfflineBar } from '@/ui/offline-bar';
import { usePageTitle } from '@/ui/page-title';
import { ProblemPanel } from '@/ui/panels';

export const Route = createRootRoute({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: Broken,
});

function Root() {
  return (
    <>
      <Outlet />
      <OfflineBar />
    </>
  );
}

function NotFound() {
  usePageTitle('Not found');
  return (
    <main className="grid min-h-dvh place-items-center">
      <ProblemPanel
        problem={problemOf('not-found', {
          title: 'There is no such page',
          detail: 'The address may be mistyped, or what stood here was taken down.',
        })}
      >
        <Link to="/" className={buttonStyle('primary')}>
          Go home
        </Link>
      </ProblemPanel>
    </main>
  );
}

function Broken({ error, reset }: ErrorComponentProps) {
  usePageTitle('Problem');
  return (
    <main className="grid min-h-dvh place-items-center">
      <ProblemPanel problem={problemIn(error)} onRetry={reset}>
        <Link to="/" className={buttonStyle()}>
          Go home
        </Link>
      </ProblemPanel>
    </main>
  );
}
