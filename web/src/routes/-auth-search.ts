import { redirect } from '@tanstack/react-router';
import { isSignedIn } from '@/api/session';
import { nextPath } from '@/features/session/rules';

/** What the pages of signing up and in hand on to one another. */
export interface AuthSearch {
  /** Where one wanted to go. */
  next?: string;
  email?: string;
  /** The session ended by itself. */
  ended?: true;
}

export function parseAuthSearch({ next, email, ended }: Record<string, unknown>): AuthSearch {
  return {
    ...(typeof next === 'string' && { next }),
    ...(typeof email === 'string' && { email }),
    ...(ended === true && { ended }),
  };
}

/** Who is signed in has no business on these pages. */
export function requireSignedOut({ search }: { search: AuthSearch }): void {
  if (isSignedIn()) throw redirect({ href: nextPath(search.next) });
}

/** The search of another of these pages: where one wanted to go stays, and an address unless it is empty. */
export function keepSearch(search: AuthSearch, email = search.email): AuthSearch {
  return { ...(search.next !== undefined && { next: search.next }), ...(email && { email }) };
}
