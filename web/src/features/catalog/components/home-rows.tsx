import { useQuery } from '@tanstack/react-query';
import type { Title } from '@/api/types';
import { Shelf } from '@/ui/shelf';
import { homeQuery } from '../api';
import { RecommendedCard } from './recommended-card';
import { cardSize, TitleShelf, TitleShelfSkeleton } from './title-shelf';

/** Recommended rows, or the newest titles when recommendations cannot be loaded. */
export function HomeRows({ newest }: { newest: Title[] }) {
  const home = useQuery(homeQuery);
  if (home.isPending) return <TitleShelfSkeleton name="For you" />;
  if (!home.data) {
    return newest.length > 1 ? <TitleShelf name="New on Marquee" items={newest.map((title) => ({ title }))} /> : null;
  }

  return home.data.rows.map((row) => (
    <Shelf key={`${row.heading} ${row.items[0]?.title.title_id}`} title={row.heading}>
      {row.items.map((item) => (
        <li key={item.title.title_id} className={cardSize}>
          <RecommendedCard item={item} />
        </li>
      ))}
    </Shelf>
  ));
}
