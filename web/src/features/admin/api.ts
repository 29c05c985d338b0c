import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '@/api/client';
import type { TitleState } from '@/api/types';

/** Everybody's titles in a state; those that move are looked at again and again. */
export function pipelinesQuery(state: TitleState) {
  return infiniteQueryOptions({
    queryKey: ['titles', 'pipelines', state],
    queryFn: ({ pageParam, signal }) =>
      answer(
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
