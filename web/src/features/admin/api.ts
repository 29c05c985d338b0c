import { infiniteQueryOptions } from '@tanstack/react-query';
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
