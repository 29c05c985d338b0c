import { useNavigate } from '@tanstack/react-router';
import { isSignedIn } from '@/api/session';
import { nextPath } from '@/features/session/rules';
import { type AuthSearch, keepSearch } from './-auth-search';

/** Continues after a code was accepted: to the next page, or to the sign-in page if signing in failed for now. */
export function useContinue(search: AuthSearch): () => void {
  const navigate = useNavigate();
  return () => {
    if (isSignedIn()) void navigate({ href: nextPath(search.next) });
    else void navigate({ to: '/sign-in', search: keepSearch(search) });
  };
}
