/**
 * Who is signed in, in this browser.
 *
 * The access token (15 minutes) lives in memory only. The refresh token lives in localStorage, so that a reload or a
 * second tab stays signed in: script on this origin could read it, which is why the Content-Security-Policy lets none
 * but our own run, and why signing out revokes it at the service.
 */
import { ProblemError, problemFrom, problemOf } from './problem';
import type { Session } from './types';

const STORED = 'marquee.refresh-token';

/** Renew this long before the token ends, so that none dies on its way. */
const EARLY_MS = 30_000;

interface Access {
  token: string;
  endsAt: number;
}

let access: Access | undefined;
let renewal: Promise<string | undefined> | undefined;
const listeners = new Set<() => void>();

/** Whether somebody is signed in, as far as this browser knows. */
export function signedIn(): boolean {
  return localStorage.getItem(STORED) !== null;
}

/** Calls back when somebody signs in or out, here or in another tab. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function beginSession(session: Session): void {
  keepAccess(session);
  if (session.refresh_token) localStorage.setItem(STORED, session.refresh_token);
  tell();
}

/** Forgets the session here and revokes it at the service; being offline does not keep anyone signed in. */
export async function endSession(): Promise<void> {
  const refreshToken = localStorage.getItem(STORED);
  forget();
  if (refreshToken) await post('/api/auth/sign-out', { refresh_token: refreshToken }).catch(() => undefined);
}

/** A token that is good for a while, renewed if need be; undefined when nobody is signed in. */
export async function accessToken(): Promise<string | undefined> {
  if (access && access.endsAt - EARLY_MS > Date.now()) return access.token;
  return renewAccess();
}

/** A new token whatever the old one says; calls at the same time share one request. */
export function renewAccess(): Promise<string | undefined> {
  renewal ??= renew().finally(() => {
    renewal = undefined;
  });
  return renewal;
}

async function renew(): Promise<string | undefined> {
  const refreshToken = localStorage.getItem(STORED);
  if (!refreshToken) return undefined;

  const response = await post('/api/auth/refresh', { refresh_token: refreshToken });
  const body: unknown = await response.json().catch(() => undefined);
  // Signed out or in as another while we asked: the answer is about somebody else now.
  if (localStorage.getItem(STORED) !== refreshToken) return access?.token;
  if (response.ok) {
    return keepAccess(body as Session);
  }
  if (response.status < 500 && response.status !== 429) {
    forget();
    throw new ProblemError(problemOf('unauthorized'));
  }
  throw new ProblemError(problemFrom(response.status, body));
}

function keepAccess({ access_token, expires_in }: Session): string {
  access = { token: access_token, endsAt: Date.now() + expires_in * 1000 };
  return access_token;
}

function post(path: string, body: object): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function forget(): void {
  access = undefined;
  localStorage.removeItem(STORED);
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

addEventListener('storage', (event) => {
  if (event.key !== STORED && event.key !== null) return;
  access = undefined;
  tell();
});
