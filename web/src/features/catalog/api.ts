import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '@/api/client';

const PAGE = 24;

/** Published titles, newest first, page by page. */
export function titlesQuery(genre?: string) {
  return infiniteQueryOptions({
    queryKey: ['titles', 'published', genre ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/titles', {
          params: { query: { limit: PAGE, ...(genre && { genre }), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 30_000,
  });
}

export function titleQuery(titleId: string) {
  return queryOptions({
    queryKey: ['title', titleId],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/titles/{title_id}', { params: { path: { title_id: titleId } }, signal })),
    staleTime: 30_000,
  });
}

export function similarQuery(titleId: string) {
  return queryOptions({
    queryKey: ['title', titleId, 'similar'],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/titles/{title_id}/similar', { params: { path: { title_id: titleId } }, signal })),
    staleTime: 5 * 60_000,
  });
}
