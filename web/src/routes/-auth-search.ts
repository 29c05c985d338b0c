import { redirect } from '@tanstack/react-router';
import { isSignedIn } from '@/api/session';
import { nextPath } from '@/features/session/rules';

/** The search parameters that the sign-in and sign-up pages pass on. */
export interface AuthSearch {
  /** The page to open after signing in. */
  next?: string;
  email?: string;
  /** The session expired. */
  ended?: true;
}

export function parseAuthSearch({ next, email, ended }: Record<string, unknown>): AuthSearch {
  return {
    ...(typeof next === 'string' && { next }),
    ...(typeof email === 'string' && { email }),
    ...(ended === true && { ended }),
  };
}

/** Redirects signed-in users away from these pages. */
export function requireSignedOut({ search }: { search: AuthSearch }): void {
  if (isSignedIn()) throw redirect({ href: nextPath(search.next) });
}

/** The search parameters for a link to another of these pages: keeps `next`, and the email address unless it is empty. */
export function keepSearch(search: AuthSearch, email = search.email): AuthSearch {
  return { ...(search.next !== undefined && { next: search.next }), ...(email && { email }) };
}
