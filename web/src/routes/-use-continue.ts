import { useNavigate } from '@tanstack/react-router';
import { signedIn } from '@/api/session';
import { nextPath } from '@/features/session/rules';
import { handedOn, type SessionSearch } from './-auth-search';

/** Where those go whose code was taken. Signing in right after it may have been refused for a while: the account is there all the same. */
export function useGoOn(search: SessionSearch): () => void {
  const navigate = useNavigate();
  return () => {
    if (signedIn()) void navigate({ href: nextPath(search.next) });
    else void navigate({ to: '/sign-in', search: handedOn(search) });
  };
}
