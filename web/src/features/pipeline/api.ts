import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, unwrap } from '@/api/client';
import type { Timeline } from '@/api/types';
import { isSettled, pollDelay, type ResumableStep } from './rules';

function timelineQuery(titleId: string) {
  return queryOptions({
    queryKey: ['title', titleId, 'timeline'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/titles/{title_id}/timeline', { params: { path: { title_id: titleId } }, signal })),
  });
}

/** Polls the pipeline of a title while it runs. A change of state also refetches the title. */
export function useTimeline(titleId: string) {
  const client = useQueryClient();
  const seen = useRef<{ timeline: Timeline | undefined; at: number }>({ timeline: undefined, at: 0 });

  const timeline = useQuery({
    ...timelineQuery(titleId),
    refetchInterval: ({ state }) => {
      // Equal responses keep their identity, so a new object means that something changed.
      if (state.data !== seen.current.timeline) seen.current = { timeline: state.data, at: Date.now() };
      if (!state.data || isSettled(state.data)) return false;
      return pollDelay(Date.now() - seen.current.at);
    },
  });

  const state = timeline.data?.state;
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== undefined && before.current !== state) {
      void client.invalidateQueries({ queryKey: ['title', titleId], exact: true });
      void client.invalidateQueries({ queryKey: ['titles'] });
    }
    before.current = state;
  }, [client, state, titleId]);

  return timeline;
}

/** Runs a failed title again, from the failed step or from a chosen one. */
export function useRedrive(titleId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (resumeFrom: ResumableStep | undefined) =>
      unwrap(
        api.POST('/api/titles/{title_id}/redrive', {
          params: { path: { title_id: titleId } },
          body: resumeFrom ? { resume_from: resumeFrom } : {},
        }),
      ),
    onSuccess: (timeline) => {
      client.setQueryData(timelineQuery(titleId).queryKey, timeline);
      void client.invalidateQueries({ queryKey: ['titles'] });
    },
  });
}

/** Cancels the processing of a title. */
export function useCancel(titleId: string) {
  const client = useQueryClient();
  const refresh = () => {
    void client.invalidateQueries({ queryKey: timelineQuery(titleId).queryKey });
    void client.invalidateQueries({ queryKey: ['titles'] });
  };
  return useMutation({
    mutationFn: () => unwrap(api.POST('/api/titles/{title_id}/cancel', { params: { path: { title_id: titleId } } })),
    onSuccess: (title) => {
      client.setQueryData(['title', titleId], title);
      refresh();
    },
    // A refusal means that the title is in another state by now.
    onError: () => {
      void client.invalidateQueries({ queryKey: ['title', titleId], exact: true });
      refresh();
    },
  });
}
