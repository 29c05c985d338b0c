import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { Button } from './button';

interface ShowMoreProps {
  query: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'fetchNextPage' | 'isFetchingNextPage'>;
}

/** Loads the next page of a list. Renders nothing after the last one. */
export function ShowMore({ query }: ShowMoreProps) {
  if (!query.hasNextPage) return null;
  return (
    <div className="mt-6 flex justify-center">
      <Button onPress={() => query.fetchNextPage()} isPending={query.isFetchingNextPage}>
        Show more
      </Button>
    </div>
  );
}
