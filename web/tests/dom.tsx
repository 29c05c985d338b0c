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

// What jsdom lacks but the app uses.
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal('ResizeObserver', Observer);
vi.stubGlobal('IntersectionObserver', Observer);
vi.stubGlobal('scrollTo', () => undefined);
Element.prototype.scrollIntoView = () => undefined;
vi.stubGlobal('CSS', { escape: (text: string) => text });

configure({ asyncUtilTimeout: 8_000 });

let handlers: Handler[] = [];
/** The HttpOnly cookie, which a browser would store. */
let cookie = '';

function withCookie(request: Request): Request {
  const copy = request.clone();
  if (cookie && new URL(request.url).pathname.startsWith('/api/auth/')) copy.headers.set('cookie', cookie);
  return copy;
}

function storeCookie(response: Response): Response {
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
      if (response) return storeCookie(response);
    }
    throw new TypeError('Failed to fetch');
  });
});

afterEach(() => {
  cleanup();
  localStorage.clear();
  signOut();
});

/** Serves requests from a fresh mock. */
export function serveMock(options: MockOptions = {}): void {
  handlers.push(createMock(options).handle);
}

/** Adds a handler before all others; it returns undefined to pass a request on. */
export function intercept(handler: Handler): void {
  handlers.unshift(handler);
}

export function signInAs(who: 'viewer' | 'creator' | 'admin'): void {
  haveSession(`refresh:${who}@example.com`);
}

/** Gives this browser a session cookie, valid or not. */
export function haveSession(token: string): void {
  cookie = `marquee-session=${encodeURIComponent(token)}`;
  // biome-ignore lint/suspicious/noDocumentCookie: the part of the session that a page can see.
  document.cookie = 'marquee-signed-in=1; Path=/; Max-Age=60';
}

function signOut(): void {
  cookie = '';
  // biome-ignore lint/suspicious/noDocumentCookie: the part of the session that a page can see.
  document.cookie = 'marquee-signed-in=1; Path=/; Max-Age=0';
}

/** Renders an element with a router that accepts every path. */
export function show(element: ReactNode) {
  const root = createRootRoute({ component: Outlet });
  const anyRoute = createRoute({ getParentRoute: () => root, path: '$', component: () => element });
  const router = createRouter({
    routeTree: root.addChildren([anyRoute]),
    history: createMemoryHistory({ initialEntries: ['/any'] }),
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
}
