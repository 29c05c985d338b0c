import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, unwrap } from '@/api/client';
import type { NewTitle, Title, TitleChanges } from '@/api/types';

/** The user’s own titles in any state, newest first. */
export const myTitlesQuery = infiniteQueryOptions({
  queryKey: ['titles', 'mine'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      api.GET('/api/titles', {
        params: { query: { owner: 'me', limit: 30, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

export function createTitle(title: NewTitle): Promise<Title> {
  return unwrap(api.POST('/api/titles', { body: title }));
}

/** Changes a title's details. The version detects concurrent changes. */
export function useChangeTitle(titleId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (changes: TitleChanges) =>
      unwrap(api.PATCH('/api/titles/{title_id}', { params: { path: { title_id: titleId } }, body: changes })),
    onSuccess: (title) => {
      client.setQueryData(['title', titleId], title);
      void client.invalidateQueries({ queryKey: ['titles'] });
    },
  });
}

/** Restores an archived title. */
export function useRestoreTitle(titleId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/titles/{title_id}/restore', { params: { path: { title_id: titleId } } })),
    onSuccess: (title) => {
      client.setQueryData(['title', titleId], title);
      void client.invalidateQueries({ queryKey: ['title', titleId, 'timeline'] });
      void client.invalidateQueries({ queryKey: ['titles'] });
    },
  });
}

const deleteTitle = (titleId: string) =>
  unwrap(api.DELETE('/api/titles/{title_id}', { params: { path: { title_id: titleId } } }));

/** Archives a title that was published. */
export function useArchiveTitle(titleId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => deleteTitle(titleId),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['titles'] });
      void client.invalidateQueries({ queryKey: ['title', titleId] });
    },
  });
}

/**
 * Deletes a title that was never published. There is nothing to refetch, and the page shows the title until the next page is
 * open, so the title is removed from the cache when the caller unmounts.
 */
export function useDeleteTitle(titleId: string) {
  const client = useQueryClient();
  const deleted = useRef(false);
  useEffect(
    () => () => {
      if (deleted.current) client.removeQueries({ queryKey: ['title', titleId] });
    },
    [client, titleId],
  );
  return useMutation({
    mutationFn: () => deleteTitle(titleId),
    onSuccess: () => {
      deleted.current = true;
      void client.cancelQueries({ queryKey: ['title', titleId] });
      void client.invalidateQueries({ queryKey: ['titles'] });
    },
  });
}
