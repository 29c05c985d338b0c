import { createFileRoute } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { PageSpinner } from '@/ui/spinner';
import { useSignedIn } from './-use-signed-in';

interface HomeSearch {
  genre?: string;
}

export const Route = createFileRoute('/')({
  validateSearch: ({ genre }: Record<string, unknown>): HomeSearch => (typeof genre === 'string' ? { genre } : {}),
  component: HomePage,
});

// Signed-out visitors do not load the pages for signed-in users.
const Landing = lazy(async () => ({ default: (await import('./-landing')).Landing }));
const SignedInHome = lazy(async () => ({ default: (await import('./-home')).SignedInHome }));

function HomePage() {
  const { genre } = Route.useSearch();
  return (
    <Suspense fallback={<PageSpinner label="Loading the page" />}>
      {useSignedIn() ? <SignedInHome genre={genre} /> : <Landing />}
    </Suspense>
  );
}
