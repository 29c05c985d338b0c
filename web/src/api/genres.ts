import { queryOptions } from '@tanstack/react-query';
import { answer, api } from './client';

/** The genres that titles of this service may have. */
export const genresQuery = queryOptions({
  queryKey: ['genres'],
  queryFn: ({ signal }) => answer(api.GET('/api/genres', { signal })),
  staleTime: 5 * 60_000,
});
