import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Feedback } from '@/api/types';

const PAGE_SIZE = 24;

/** Published titles, newest first, in pages. */
export function titlesQuery(genre?: string) {
  return infiniteQueryOptions({
    queryKey: ['titles', 'published', genre ?? 'all'],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/api/titles', {
          params: { query: { limit: PAGE_SIZE, ...(genre && { genre }), ...(pageParam && { cursor: pageParam }) } },
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
      unwrap(api.GET('/api/titles/{title_id}', { params: { path: { title_id: titleId } }, signal })),
    staleTime: 30_000,
  });
}

export function similarQuery(titleId: string) {
  return queryOptions({
    queryKey: ['title', titleId, 'similar'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/titles/{title_id}/similar', { params: { path: { title_id: titleId } }, signal })),
    staleTime: 5 * 60_000,
  });
}

/** The rows of the user's home page. They change with everything the user does, so each visit refetches them. */
export const homeQuery = queryOptions({
  queryKey: ['me', 'home'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/me/home', { signal })),
});

/** Sends feedback on a recommendation, or withdraws it. The page keeps its rows until the next visit. */
export function useFeedback(titleId: string) {
  const queries = useQueryClient();

  return useMutation({
    mutationFn: (feedback: Feedback | null) =>
      unwrap<unknown>(api.POST('/api/me/recommendations/feedback', { body: { title_id: titleId, feedback } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: homeQuery.queryKey, refetchType: 'none' });
      void queries.invalidateQueries({ queryKey: ['title', titleId, 'engagement'] });
    },
  });
}
