/** The typed API client, generated from `openapi.json`. It signs requests and throws problems. */
import createClient from 'openapi-fetch';
import { ProblemError, problemFromResponse } from './problem';
import type { paths } from './schema';
import { accessToken, renewAccess } from './session';

export const api = createClient<paths>({ baseUrl: location.origin, fetch: signedFetch });

/** Returns the body of a successful response; throws a problem for any other. */
export async function unwrap<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ProblemError(problemFromResponse(response.status, error));
  return data as T;
}

async function signedFetch(request: Request): Promise<Response> {
  if (new URL(request.url).pathname.startsWith('/api/auth/')) return fetch(request);

  const token = await accessToken();
  const response = await fetch(signed(request, token));
  if (response.status !== 401 || token === undefined) return response;

  // The clock of this device may be wrong, or the token was revoked: retry once with a new token.
  const renewed = await renewAccess();
  return renewed === undefined ? response : fetch(signed(request, renewed));
}

function signed(request: Request, token: string | undefined): Request {
  const copy = request.clone();
  if (token !== undefined) copy.headers.set('authorization', `Bearer ${token}`);
  return copy;
}
