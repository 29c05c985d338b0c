import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { TitleState } from '@/api/types';

/** All titles in a state. States that change soon are refetched more often. */
export function adminTitlesQuery(state: TitleState) {
  return infiniteQueryOptions({
    queryKey: ['titles', 'admin', state],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/titles', {
          params: { query: { state, limit: 50, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: state === 'processing' || state === 'uploading' ? 4_000 : 20_000,
  });
}

/** The order in which titles need an admin's attention. */
const byAttention: TitleState[] = ['failed', 'processing', 'uploading', 'ready', 'published', 'draft', 'archived'];

/** The state to show first: the most urgent one that has titles. The service has no list of titles in all states. */
export const firstStateQuery = queryOptions({
  queryKey: ['first-state'],
  queryFn: async ({ signal }): Promise<TitleState> => {
    for (const state of byAttention) {
      const { items } = await unwrap(api.GET('/api/titles', { params: { query: { state, limit: 1 } }, signal }));
      if (items.length > 0) return state;
    }
    return 'failed';
  },
  // Found again on each visit, but the page does not switch while it is open.
  staleTime: 0,
  gcTime: 0,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
});
