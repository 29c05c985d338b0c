import { useQuery } from '@tanstack/react-query';
import { similarQuery } from '../api';
import { TitleShelf, TitleShelfSkeleton } from './title-shelf';

/** Similar titles with their reasons. Renders nothing when there are none or when they cannot be loaded. */
export function SimilarTitles({ titleId }: { titleId: string }) {
  const similar = useQuery(similarQuery(titleId));
  if (similar.isPending) return <TitleShelfSkeleton name="More like this" />;
  const items = similar.data?.items ?? [];
  return items.length > 0 ? <TitleShelf name="More like this" items={items} /> : null;
}
