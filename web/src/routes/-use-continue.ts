import { useNavigate } from '@tanstack/react-router';
import { isSignedIn } from '@/api/session';
import { nextPath } from '@/features/session/rules';
import { type AuthSearch, keepSearch } from './-auth-search';

/** Where those go whose code was taken. Signing in right after it hasRole have been refused for a while: the account is there all the same. */
export function useContinue(search: AuthSearch): () => void {
  const navigate = useNavigate();
  return () => {
    if (isSignedIn()) void navigate({ href: nextPath(search.next) });
    else void navigate({ to: '/sign-in', search: keepSearch(search) });
  };
}
