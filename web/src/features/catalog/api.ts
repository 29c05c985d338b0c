import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '@/api/client';
import type { Feedback } from '@/api/types';

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

/** The rows of my home page. They change with all that I do, so they are asked for at each visit; the old ones stand meanwhile. */
export const homeQuery = queryOptions({
  queryKey: ['me', 'home'],
  queryFn: ({ signal }) => answer(api.GET('/api/me/home', { signal })),
});

/** Says what should not be recommended, or takes it back. What stands on the page stays until the next visit. */
export function useFeedback(titleId: string) {
  const queries = useQueryClient();

  return useMutation({
    mutationFn: (feedback: Feedback | null) =>
      answer<unknown>(api.POST('/api/me/recommendations/feedback', { body: { title_id: titleId, feedback } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: homeQuery.queryKey, refetchType: 'none' });
      void queries.invalidateQueries({ queryKey: ['title', titleId, 'engagement'] });
    },
  });
}
