import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';

/** The genres that a title can have. */
export const genresQuery = queryOptions({
  queryKey: ['genres'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/genres', { signal })),
  staleTime: 5 * 60_000,
});
