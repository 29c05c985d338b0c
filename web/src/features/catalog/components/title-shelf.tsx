import type { ReactNode } from 'react';
import type { Title } from '@/api/types';
import { Shelf } from '@/ui/shelf';
import { TitleCard, TitleCardSkeleton } from './title-card';

/** The size of a card in a shelf. */
export const cardSize = 'w-[68vw] shrink-0 snap-start min-[30rem]:w-72 xl:w-80';

interface TitleShelfProps {
  name: string;
  aside?: ReactNode;
  items: { title: Title; reason?: string }[];
}

export function TitleShelf({ name, aside, items }: TitleShelfProps) {
  return (
    <Shelf title={name} aside={aside}>
      {items.map(({ title, reason }) => (
        <li key={title.title_id} className={cardSize}>
          <TitleCard title={title} {...(reason !== undefined && { reason })} />
        </li>
      ))}
    </Shelf>
  );
}

export function TitleShelfSkeleton({ name }: { name: string }) {
  return (
    <Shelf title={name}>
      {[0, 1, 2, 3, 4, 5].map((index) => (
        <li key={index} className={cardSize}>
          <TitleCardSkeleton />
        </li>
      ))}
    </Shelf>
  );
}
