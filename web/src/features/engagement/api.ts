import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '@/api/client';
import type { Engagement } from '@/api/types';

/** What I have to do with a title: whether I like it, and where to go on. */
export function engagementQuery(titleId: string) {
  return queryOptions({
    queryKey: ['title', titleId, 'engagement'],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/titles/{title_id}/engagement', { params: { path: { title_id: titleId } }, signal })),
    // Who comes back goes on where they stopped by then, perhaps on another screen: nothing old is remembered.
    gcTime: 0,
  });
}

/** Likes a title, or takes it back. The button shows it at once, and the truth when the answer has come. */
export function useLike(titleId: string) {
  const queries = useQueryClient();
  const { queryKey } = engagementQuery(titleId);

  return useMutation({
    mutationFn: (liked: boolean) => {
      const path = { params: { path: { title_id: titleId } } };
      return answer<unknown>(
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
