import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRouter, RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isRetryable, toProblem } from './api/problem';
import { onSessionChange } from './api/session';
import './app.css';
import { routeTree } from './route-tree.gen';
import { PageSpinner } from './ui/spinner';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, thrown) => failures < 2 && isRetryable(toProblem(thrown)),
      refetchOnWindowFocus: false,
    },
  },
});

const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingComponent: () => <PageSpinner label="Loading the page" />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

// The next user must not see what the last one saw.
onSessionChange((change) => {
  queries.clear();
  if (change === 'signed-in') void router.invalidate();
  // After an expired session the user returns to the same page; after signing out they see the landing page.
  else if (change === 'expired')
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
