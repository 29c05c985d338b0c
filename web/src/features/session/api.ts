import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { startSession } from '@/api/session';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/me', { signal })),
  staleTime: 5 * 60_000,
});

export interface NewAccount {
  email: string;
  code: string;
  password: string;
  display_name: string;
  role: 'viewer' | 'creator';
}

export interface NewPassword {
  email: string;
  code: string;
  password: string;
}

/** Requests a code. The response is the same whether or not the address has an account. */
export function signUp(address: { email: string }) {
  return unwrap(api.POST('/api/auth/sign-up', { body: address }));
}

export function resendCode(address: { email: string }) {
  return unwrap(api.POST('/api/auth/resend-code', { body: address }));
}

export function forgotPassword(address: { email: string }) {
  return unwrap(api.POST('/api/auth/forgot-password', { body: address }));
}

/** Creates the account and signs in. The code works once: if signing in fails now, the user can sign in with the form. */
export async function confirm(account: NewAccount) {
  await unwrap(api.POST('/api/auth/confirm', { body: account }));
  await signIn(account).catch(() => undefined);
}

/** Sets a new password and tries to sign in with it. */
export async function resetPassword(reset: NewPassword) {
  await unwrap(api.POST('/api/auth/reset-password', { body: reset }));
  await signIn(reset).catch(() => undefined);
}

export async function signIn({ email, password }: { email: string; password: string }) {
  startSession(await unwrap(api.POST('/api/auth/sign-in', { body: { email, password, session: 'cookie' } })));
}

/** Changes the password, which ends all sessions, and starts a new one here. */
export async function changePassword(change: { email: string; current_password: string; new_password: string }) {
  const { email, ...body } = change;
  await unwrap(api.PUT('/api/me/password', { body }));
  await signIn({ email, password: body.new_password });
}

export function signOutEverywhere() {
  return unwrap(api.POST('/api/me/sign-out-everywhere'));
}

/** Requests to become a creator. The installation grants it at once or lets an admin decide. */
export function useStartPublishing() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/me/creator-request')),
    onSettled: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });
}
