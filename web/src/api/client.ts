/** The typed client of the API, generated from `openapi.json`, that signs its requests and throws problems. */
import createClient from 'openapi-fetch';
import { ProblemError, problemFrom } from './problem';
import type { paths } from './schema';
import { accessToken, renewAccess } from './session';

export const api = createClient<paths>({ baseUrl: location.origin, fetch: signedFetch });

/** The body of a good answer; a bad one is thrown as a problem. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ProblemError(problemFrom(response.status, error));
  return data as T;
}

async function signedFetch(request: Request): Promise<Response> {
  if (new URL(request.url).pathname.startsWith('/api/auth/')) return fetch(request);

  const token = await accessToken();
  const response = await fetch(signed(request, token));
  if (response.status !== 401 || token === undefined) return response;

  // The clock of this machine may be off, or the token was withdrawn: once more with a new one.
  const renewed = await renewAccess();
  return renewed === undefined ? response : fetch(signed(request, renewed));
}

function signed(request: Request, token: string | undefined): Request {
  const copy = request.clone();
  if (token !== undefined) copy.headers.set('authorization', `Bearer ${token}`);
  return copy;
}
