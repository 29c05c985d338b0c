import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '@/api/client';
import type { Account } from '@/api/types';

/** Which accounts are listed. */
export type Which = 'all' | 'creators' | 'admins' | 'disabled';
/** A role that admins grant and take. */
export type GrantedRole = 'creator' | 'admin';

const filters: Record<Which, { role?: GrantedRole; state?: 'disabled' }> = {
  all: {},
  creators: { role: 'creator' },
  admins: { role: 'admin' },
  disabled: { state: 'disabled' },
};

/** Accounts: all of a kind, or those whose address begins with some text. */
export function accountsQuery(which: Which, email: string) {
  return infiniteQueryOptions({
    queryKey: ['people', 'accounts', which, email],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/admin/accounts', {
          params: { query: { ...(email ? { email } : filters[which]), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Who asks to become a creator. */
export const requestsQuery = infiniteQueryOptions({
  queryKey: ['people', 'requests'],
  queryFn: ({ pageParam, signal }) =>
    answer(
      api.GET('/api/admin/creator-requests', { params: { query: pageParam ? { cursor: pageParam } : {} }, signal }),
    ),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

/** The audit log of a day, as the service writes days. */
export function auditQuery(day: string) {
  return infiniteQueryOptions({
    queryKey: ['people', 'audit', day],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/admin/audit', {
          params: { query: { day, limit: 50, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useRoleChange(account: Account) {
  return useChange(({ role, granted }: { role: GrantedRole; granted: boolean }) => {
    const params = { path: { account_id: account.account_id, role } };
    const path = '/api/admin/accounts/{account_id}/roles/{role}';
    return answer(granted ? api.PUT(path, { params }) : api.DELETE(path, { params }));
  });
}

export function useStateChange(account: Account) {
  const params = { path: { account_id: account.account_id } };
  return useChange((state: 'active' | 'disabled') =>
    answer(
      state === 'active'
        ? api.POST('/api/admin/accounts/{account_id}/enable', { params })
        : api.POST('/api/admin/accounts/{account_id}/disable', { params }),
    ),
  );
}

export function useDecision(accountId: string) {
  const params = { path: { account_id: accountId } };
  return useChange((decision: 'approve' | 'decline') =>
    answer(
      decision === 'approve'
        ? api.POST('/api/admin/creator-requests/{account_id}/approve', { params })
        : api.POST('/api/admin/creator-requests/{account_id}/decline', { params }),
    ),
  );
}

/** What changes an account has all lists read again; a refusal means that it is not as it was thought to be. */
function useChange<Request, Answer>(mutationFn: (request: Request) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => void client.invalidateQueries({ queryKey: ['people'] }) });
}
