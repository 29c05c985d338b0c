import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { NewExperiment, RetrainRequest } from '@/api/types';
import { pollDelay } from './rules';

/** The state of the recommender, polled while something runs. */
export const recommenderQuery = queryOptions({
  queryKey: ['recommender'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/admin/recommender/status', { signal })),
  refetchInterval: ({ state }) => state.data !== undefined && pollDelay(state.data),
});

export function useRetrain() {
  return useChange((request: RetrainRequest) =>
    unwrap(api.POST('/api/admin/recommender/retrainings', { body: request })),
  );
}

export function useStartExperiment() {
  return useChange((experiment: NewExperiment) =>
    unwrap(api.POST('/api/admin/recommender/experiments', { body: experiment })),
  );
}

export function useStopExperiment(experimentId: string) {
  return useChange(() =>
    unwrap(
      api.POST('/api/admin/recommender/experiments/{experiment_id}/stop', {
        params: { path: { experiment_id: experimentId } },
      }),
    ),
  );
}

/** A change to the recommender. Refetches its state afterwards, also after an error, because it may be out of date. */
function useChange<Request, Answer>(mutationFn: (request: Request) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => void client.invalidateQueries({ queryKey: recommenderQuery.queryKey }),
  });
}
