import { useQuery } from '@tanstack/react-query';
import { similarQuery } from '../api';
import { similarHeading } from '../rules';
import { TitleShelf, TitleShelfSkeleton } from './title-shelf';

/** What to watch next, with reasons. Renders nothing when there is nothing or when it cannot be loaded. */
export function SimilarTitles({ titleId }: { titleId: string }) {
  const similar = useQuery(similarQuery(titleId));
  if (similar.isPending) return <TitleShelfSkeleton name="More to watch" />;
  const items = similar.data?.items ?? [];
  return items.length > 0 ? <TitleShelf name={similarHeading(items)} items={items} /> : null;
}
