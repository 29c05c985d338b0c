import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '@/api/client';
import { beginSession } from '@/api/session';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => answer(api.GET('/api/me', { signal })),
  staleTime: 5 * 60_000,
});

export interface NewAccount {
  email: string;
  password: string;
  display_name: string;
  role: 'viewer' | 'creator';
}

export function signUp(account: NewAccount) {
  return answer(api.POST('/api/auth/sign-up', { body: account }));
}

export function confirm(proof: { email: string; code: string }) {
  return answer(api.POST('/api/auth/confirm', { body: proof }));
}

export async function signIn(credentials: { email: string; password: string }) {
  beginSession(await answer(api.POST('/api/auth/sign-in', { body: credentials })));
}
