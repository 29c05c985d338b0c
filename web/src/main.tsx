import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRouter, RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { problemIn, worthRetrying } from './api/problem';
import { onSessionChange } from './api/session';
import './app.css';
import { routeTree } from './route-tree.gen';
import { PageWait } from './ui/spinner';

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
onSessionChange((change) => {
  queries.clear();
  if (change === 'began') void router.invalidate();
  // Whoever was thrown out comes back to the same place; who leaves goes out by the front.
  else if (change === 'ended')
    void router.navigate({ to: '/sign-in', search: { next: router.state.location.href, ended: true } });
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
