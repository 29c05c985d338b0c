import { useQuery } from '@tanstack/react-query';
import type { Title } from '@/api/types';
import { Shelf } from '@/ui/shelf';
import { homeQuery } from '../api';
import { RecommendedCard } from './recommended-card';
import { cardPlace, TitleShelf, TitleShelfSkeleton } from './title-shelf';

/** What to watch next and why. When it cannot be had, the newest titles stand in. */
export function HomeRows({ newest }: { newest: Title[] }) {
  const home = useQuery(homeQuery);
  if (home.isPending) return <TitleShelfSkeleton name="For you" />;
  if (!home.data) {
    return newest.length > 1 ? <TitleShelf name="New on Marquee" items={newest.map((title) => ({ title }))} /> : null;
  }

  return home.data.rows.map((row) => (
    <Shelf key={`${row.heading} ${row.items[0]?.title.title_id}`} title={row.heading}>
      {row.items.map((item) => (
        <li key={item.title.title_id} className={cardPlace}>
          <RecommendedCard item={item} />
        </li>
      ))}
    </Shelf>
  ));
}
