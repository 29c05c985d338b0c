import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Engagement } from '@/api/types';

/** The user's engagement with a title: whether they like it, and where to resume. */
export function engagementQuery(titleId: string) {
  return queryOptions({
    queryKey: ['title', titleId, 'engagement'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/titles/{title_id}/engagement', { params: { path: { title_id: titleId } }, signal })),
    // Viewers resume where they stopped last, perhaps on another device, so nothing is cached.
    gcTime: 0,
  });
}

/** Likes a title, or withdraws the like. Optimistic: the button changes at once and is corrected by the response. */
export function useLike(titleId: string) {
  const queries = useQueryClient();
  const { queryKey } = engagementQuery(titleId);

  return useMutation({
    mutationFn: (liked: boolean) => {
      const path = { params: { path: { title_id: titleId } } };
      return unwrap<unknown>(
        liked ? api.PUT('/api/titles/{title_id}/like', path) : api.DELETE('/api/titles/{title_id}/like', path),
      );
    },
    onMutate: async (liked) => {
      await queries.cancelQueries({ queryKey });
      const before = queries.getQueryData(queryKey);
      queries.setQueryData(queryKey, (known: Engagement | undefined) => known && { ...known, liked });
      return before;
    },
    onError: (_, __, before) => queries.setQueryData(queryKey, before),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}
