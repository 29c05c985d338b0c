/**
 * The session of this browser.
 *
 * The access token (15 minutes) is in memory only. The refresh token is in a cookie that scripts cannot read and that the
 * browser sends to `/api/auth` only. A second cookie without a secret says whether there is a session, because a page
 * cannot find out otherwise.
 */
import { newProblem, ProblemError, problemFromResponse } from './problem';
import type { Session } from './types';

/** The cookie that says that this browser has a session. */
const SIGNED_IN_COOKIE = 'marquee-signed-in';
const COOKIE_SECONDS = 30 * 24 * 60 * 60;
/** One tab refreshes at a time, because each refresh token works once. */
const LOCK = 'marquee-session';

/** Renew the token this long before it expires, so that it does not expire in transit. */
const RENEW_EARLY_MS = 30_000;

/** How the session changed: the user signed in, signed out, or the session expired. */
export type SessionChange = 'signed-in' | 'signed-out' | 'expired';

interface Access {
  token: string;
  endsAt: number;
}

let access: Access | undefined;
let renewal: Promise<string | undefined> | undefined;
/** Counts sign-ins and sign-outs, to discard responses to requests made before one. */
let generation = 0;
const listeners = new Set<(change: SessionChange) => void>();
const otherTabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('marquee-session');

/** Whether someone is signed in, as far as this browser knows. */
export function isSignedIn(): boolean {
  return document.cookie.split('; ').includes(`${SIGNED_IN_COOKIE}=1`);
}

/** Calls `listener` when the user signs in or out, here or in another tab. Returns a function that unsubscribes. */
export function onSessionChange(listener: (change: SessionChange) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Stores a new session. Its refresh token is already in the cookie. */
export function startSession(session: Session): void {
  storeAccess(session);
  setSignedInCookie(COOKIE_SECONDS);
  notifyChange('signed-in');
}

/** Signs out here first, then on the service, so that it also works offline. */
export async function endSession(): Promise<void> {
  if (!isSignedIn()) return;
  clearSession('signed-out');
  await post('/api/auth/sign-out').catch(() => undefined);
}

/** A valid access token, renewed if necessary; undefined when signed out. */
export async function accessToken(): Promise<string | undefined> {
  if (access && access.endsAt - RENEW_EARLY_MS > Date.now()) return access.token;
  return renewAccess();
}

/** Fetches a new access token. Concurrent calls share one request. */
export function renewAccess(): Promise<string | undefined> {
  renewal ??= withLock(renew).finally(() => {
    renewal = undefined;
  });
  return renewal;
}

function withLock<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

async function renew(): Promise<string | undefined> {
  if (!isSignedIn()) return undefined;

  const startGeneration = generation;
  const response = await post('/api/auth/refresh');
  const body: unknown = await response.json().catch(() => undefined);
  // The user signed out or switched accounts in the meantime: the response is for another session.
  if (generation !== startGeneration) return access?.token;
  if (response.ok) {
    // The refresh extended the session cookie, so extend this one too.
    setSignedInCookie(COOKIE_SECONDS);
    return storeAccess(body as Session);
  }
  if (response.status < 500 && response.status !== 429) {
    clearSession('expired');
    throw new ProblemError(newProblem('unauthorized'));
  }
  throw new ProblemError(problemFromResponse(response.status, body));
}

function storeAccess({ access_token, expires_in }: Session): string {
  access = { token: access_token, endsAt: Date.now() + expires_in * 1000 };
  return access_token;
}

function post(path: string): Promise<Response> {
  return fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
}

function clearSession(change: 'signed-out' | 'expired'): void {
  access = undefined;
  setSignedInCookie(0);
  notifyChange(change);
}

function setSignedInCookie(seconds: number): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous and not in every browser.
  document.cookie = `${SIGNED_IN_COOKIE}=1; Path=/; Max-Age=${seconds}; SameSite=Strict${secure}`;
}

function notifyChange(change: SessionChange): void {
  generation += 1;
  notifyListeners(change);
  otherTabs?.postMessage(change);
}

function notifyListeners(change: SessionChange): void {
  for (const listener of listeners) listener(change);
}

otherTabs?.addEventListener('message', ({ data }: MessageEvent<SessionChange>) => {
  access = undefined;
  generation += 1;
  notifyListeners(data);
});

// Earlier versions stored their token where scripts can read it.
localStorage.removeItem('marquee.refresh-token');
