import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { cleanup, configure, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, vi } from 'vitest';
import { createMock, type MockOptions } from '../mock/server.ts';

type Handler = (request: Request) => Promise<Response | undefined> | Response | undefined;

// What jsdom lacks and the pages ask for.
class Watcher {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal('ResizeObserver', Watcher);
vi.stubGlobal('IntersectionObserver', Watcher);
vi.stubGlobal('scrollTo', () => undefined);
Element.prototype.scrollIntoView = () => undefined;
vi.stubGlobal('CSS', { escape: (text: string) => text });

configure({ asyncUtilTimeout: 8_000 });

let handlers: Handler[] = [];
/** The cookie that scripts do not see: a browser would keep it. */
let cookie = '';

function withCookie(request: Request): Request {
  const copy = request.clone();
  if (cookie && new URL(request.url).pathname.startsWith('/api/auth/')) copy.headers.set('cookie', cookie);
  return copy;
}

function kept(response: Response): Response {
  const set = response.headers.get('set-cookie');
  if (set) cookie = set.split(';')[0] ?? '';
  return response;
}

beforeEach(() => {
  handlers = [];
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = input instanceof Request ? input : new Request(new URL(String(input), location.origin), init);
    for (const handler of handlers) {
      const response = await handler(withCookie(request));
      if (response) return kept(response);
    }
    throw new TypeError('Failed to fetch');
  });
});

afterEach(() => {
  cleanup();
  localStorage.clear();
  signOut();
});

/** Answers requests from a fresh mock of the service. */
export function serveMock(options: MockOptions = {}): void {
  handlers.push(createMock(options).handle);
}

/** Answers before anything else does; undefined lets the next one answer. */
export function intercept(handler: Handler): void {
  handlers.unshift(handler);
}

export function signInAs(who: 'viewer' | 'creator' | 'admin'): void {
  haveSession(`refresh:${who}@example.com`);
}

/** This browser has a session, whatever the service says about it. */
export function haveSession(token: string): void {
  cookie = `marquee-session=${encodeURIComponent(token)}`;
  // biome-ignore lint/suspicious/noDocumentCookie: what a page can see of it.
  document.cookie = 'marquee-signed-in=1; Path=/; Max-Age=60';
}

function signOut(): void {
  cookie = '';
  // biome-ignore lint/suspicious/noDocumentCookie: what a page can see of it.
  document.cookie = 'marquee-signed-in=1; Path=/; Max-Age=0';
}

/** Shows an element in a page of its own, with a router around it that knows every address. */
export function show(element: ReactNode) {
  const root = createRootRoute({ component: Outlet });
  const anywhere = createRoute({ getParentRoute: () => root, path: '$', component: () => element });
  const router = createRouter({
    routeTree: root.addChildren([anywhere]),
    history: createMemoryHistory({ initialEntries: ['/anywhere'] }),
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
}
