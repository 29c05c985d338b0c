import { createFileRoute } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { PageWait } from '@/ui/spinner';
import { useSignedIn } from './-use-signed-in';

interface HomeSearch {
  genre?: string;
}

export const Route = createFileRoute('/')({
  validateSearch: ({ genre }: Record<string, unknown>): HomeSearch => (typeof genre === 'string' ? { genre } : {}),
  component: HomePage,
});

// Who comes for the first time need not wait for what members see.
const Landing = lazy(async () => ({ default: (await import('./-landing')).Landing }));
const WhatIsOn = lazy(async () => ({ default: (await import('./-home')).WhatIsOn }));

function HomePage() {
  const { genre } = Route.useSearch();
  return (
    <Suspense fallback={<PageWait label="Loading the page" />}>
      {useSignedIn() ? <WhatIsOn genre={genre} /> : <Landing />}
    </Suspense>
  );
}
