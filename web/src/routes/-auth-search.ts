import { redirect } from '@tanstack/react-router';
import { signedIn } from '@/api/session';
import { nextPath } from '@/features/session/rules';

/** What the pages of signing up and in hand on to one another. */
export interface SessionSearch {
  /** Where one wanted to go. */
  next?: string;
  email?: string;
  /** The session ended by itself. */
  ended?: true;
}

export function sessionSearch({ next, email, ended }: Record<string, unknown>): SessionSearch {
  return {
    ...(typeof next === 'string' && { next }),
    ...(typeof email === 'string' && { email }),
    ...(ended === true && { ended }),
  };
}

/** Who is signed in has no business on these pages. */
export function onlySignedOut({ search }: { search: SessionSearch }): void {
  if (signedIn()) throw redirect({ href: nextPath(search.next) });
}

/** The search of another of these pages: where one wanted to go stays, and an address unless it is empty. */
export function handedOn(search: SessionSearch, email = search.email): SessionSearch {
  return { ...(search.next !== undefined && { next: search.next }), ...(email && { email }) };
}
