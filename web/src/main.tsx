import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRouter, RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { problemIn, worthRetrying } from './api/problem';
import { onSessionChange, signedIn } from './api/session';
import './app.css';
import { routeTree } from './route-tree.gen';
import { PageWait } from './ui/bulbs';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, thrown) => failures < 2 && worthRetrying(problemIn(thrown)),
      refetchOnWindowFocus: false,
    },
  },
});

const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingComponent: () => <PageWait label="Loading the page" />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

// What one person saw is not for the next.
onSessionChange(() => {
  queries.clear();
  if (signedIn()) void router.invalidate();
  else void router.navigate({ to: '/' }).then(() => router.invalidate());
});

const place = document.getElementById('app');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
