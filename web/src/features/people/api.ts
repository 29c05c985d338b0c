import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Account } from '@/api/types';

/** Which accounts to list. */
export type AccountFilter = 'all' | 'creators' | 'admins' | 'disabled';
/** A role that admins can grant and revoke. */
export type GrantedRole = 'creator' | 'admin';

const filters: Record<AccountFilter, { role?: GrantedRole; state?: 'disabled' }> = {
  all: {},
  creators: { role: 'creator' },
  admins: { role: 'admin' },
  disabled: { state: 'disabled' },
};

/** Accounts matching a filter, or accounts whose email address starts with `email`. */
export function accountsQuery(filter: AccountFilter, email: string) {
  return infiniteQueryOptions({
    queryKey: ['people', 'accounts', filter, email],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/admin/accounts', {
          params: { query: { ...(email ? { email } : filters[filter]), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** One account. */
export function accountQuery(accountId: string) {
  return queryOptions({
    queryKey: ['people', 'account', accountId],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/admin/accounts/{account_id}', { params: { path: { account_id: accountId } }, signal })),
  });
}

/** Pending requests to become a creator. */
export const requestsQuery = infiniteQueryOptions({
  queryKey: ['people', 'requests'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      api.GET('/api/admin/creator-requests', { params: { query: pageParam ? { cursor: pageParam } : {} }, signal }),
    ),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

/** The audit log of one day (`YYYY-MM-DD`, UTC). */
export function auditQuery(day: string) {
  return infiniteQueryOptions({
    queryKey: ['people', 'audit', day],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
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
    return unwrap(granted ? api.PUT(path, { params }) : api.DELETE(path, { params }));
  });
}

export function useStateChange(account: Account) {
  const params = { path: { account_id: account.account_id } };
  return useChange((state: 'active' | 'disabled') =>
    unwrap(
      state === 'active'
        ? api.POST('/api/admin/accounts/{account_id}/enable', { params })
        : api.POST('/api/admin/accounts/{account_id}/disable', { params }),
    ),
  );
}

export function useDecision(accountId: string) {
  const params = { path: { account_id: accountId } };
  return useChange((decision: 'approve' | 'decline') =>
    unwrap(
      decision === 'approve'
        ? api.POST('/api/admin/creator-requests/{account_id}/approve', { params })
        : api.POST('/api/admin/creator-requests/{account_id}/decline', { params }),
    ),
  );
}

/** A change to an account. Refetches all lists afterwards, also after an error, because they may be out of date. */
function useChange<Request, Answer>(mutationFn: (request: Request) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => void client.invalidateQueries({ queryKey: ['people'] }) });
}
