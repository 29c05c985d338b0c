/**
 * Who is signed in, in this browser.
 *
 * The access token (15 minutes) lives in memory only. The refresh token lives in a cookie that no script can read and that is
 * sent to `/api/auth` alone. A second cookie, without any secret, says that there is one: a page cannot ask otherwise.
 */
import { ProblemError, problemFrom, problemOf } from './problem';
import type { Session } from './types';

/** Says that this browser has a session. */
const MARK = 'marquee-signed-in';
const MARK_SECONDS = 30 * 24 * 60 * 60;
/** One tab refreshes at a time: each refresh token can be used once. */
const LOCK = 'marquee-session';

/** Renew this long before the token ends, so that none dies on its way. */
const EARLY_MS = 30_000;

/** How a session changed: somebody signed in, or out, or it ended by itself. */
export type SessionChange = 'began' | 'left' | 'ended';

interface Access {
  token: string;
  endsAt: number;
}

let access: Access | undefined;
let renewal: Promise<string | undefined> | undefined;
/** Counts sign-ins and sign-outs, so that an answer from before one is not taken for one from after it. */
let generation = 0;
const listeners = new Set<(change: SessionChange) => void>();
const otherTabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('marquee-session');

/** Whether somebody is signed in, as far as this browser knows. */
export function signedIn(): boolean {
  return document.cookie.split('; ').includes(`${MARK}=1`);
}

/** Calls back when somebody signs in or out, here or in another tab. */
export function onSessionChange(listener: (change: SessionChange) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The session that signing in gave; its refresh token is in the cookie by now. */
export function beginSession(session: Session): void {
  keepAccess(session);
  mark(MARK_SECONDS);
  changed('began');
}

/** Forgets the session here and ends it at the service; being offline does not keep anyone signed in. */
export async function endSession(): Promise<void> {
  if (!signedIn()) return;
  forget('left');
  await post('/api/auth/sign-out').catch(() => undefined);
}

/** A token that is good for a while, renewed if need be; undefined when nobody is signed in. */
export async function accessToken(): Promise<string | undefined> {
  if (access && access.endsAt - EARLY_MS > Date.now()) return access.token;
  return renewAccess();
}

/** A new token whatever the old one says; calls at the same time share one request. */
export function renewAccess(): Promise<string | undefined> {
  renewal ??= alone(renew).finally(() => {
    renewal = undefined;
  });
  return renewal;
}

function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

async function renew(): Promise<string | undefined> {
  if (!signedIn()) return undefined;

  const asked = generation;
  const response = await post('/api/auth/refresh');
  const body: unknown = await response.json().catch(() => undefined);
  // Signed out or in as another while we asked: the answer is about somebody else now.
  if (generation !== asked) return access?.token;
  if (response.ok) {
    // The cookie lives on, and so does what says that it is there.
    mark(MARK_SECONDS);
    return keepAccess(body as Session);
  }
  if (response.status < 500 && response.status !== 429) {
    forget('ended');
    throw new ProblemError(problemOf('unauthorized'));
  }
  throw new ProblemError(problemFrom(response.status, body));
}

function keepAccess({ access_token, expires_in }: Session): string {
  access = { token: access_token, endsAt: Date.now() + expires_in * 1000 };
  return access_token;
}

function post(path: string): Promise<Response> {
  return fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
}

function forget(change: 'left' | 'ended'): void {
  access = undefined;
  mark(0);
  changed(change);
}

function mark(seconds: number): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser, and answers later.
  document.cookie = `${MARK}=1; Path=/; Max-Age=${seconds}; SameSite=Strict${secure}`;
}

function changed(change: SessionChange): void {
  generation += 1;
  tell(change);
  otherTabs?.postMessage(change);
}

function tell(change: SessionChange): void {
  for (const listener of listeners) listener(change);
}

otherTabs?.addEventListener('message', ({ data }: MessageEvent<SessionChange>) => {
  access = undefined;
  generation += 1;
  tell(data);
});

// An earlier version kept its token where scripts can read it.
localStorage.removeItem('marquee.refresh-token');
