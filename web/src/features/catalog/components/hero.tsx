import { Link } from '@tanstack/react-router';
import { Info, Play } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import type { Title } from '@/api/types';
import { Fact } from '@/ui/badge';
import { buttonStyle } from '@/ui/button-style';
import { Poster } from '@/ui/poster';
import { userText } from '@/ui/user-text';
import { facts } from '../rules';
import { Eyebrow } from './eyebrow';
import { HeroName } from './hero-name';

/** The newest titles: one of them large, the others one click away. Nothing moves on its own. */
export function Hero({ titles }: { titles: Title[] }) {
  const [chosen, setChosen] = useState(0);
  const title = titles[chosen] ?? titles[0];
  if (!title) return null;

  return (
    <section aria-label="New on Marquee" className="relative isolate flex min-h-[min(88dvh,54rem)] items-end">
      <HeroBackdrop key={title.title_id} title={title} />
      <div className="gutter flex w-full flex-wrap items-end justify-between gap-x-10 gap-y-8 pt-40 pb-14">
        <div key={title.title_id} className="min-w-0 max-w-2xl animate-rise">
          <Eyebrow title={title} genres={2} />
          <HeroName title={title} />
          <div className="mt-5 flex flex-wrap gap-2">
            {facts(title).map((fact) => (
              <Fact key={fact}>{fact}</Fact>
            ))}
          </div>
          {title.description && (
            <p {...userText(title.language)} className="mt-4 line-clamp-3 w-fit max-w-xl text-lg text-foreground/85">
              {title.description}
            </p>
          )}
          <div className="mt-7 flex flex-wrap gap-3">
            <Link
              to="/titles/$titleId"
              params={{ titleId: title.title_id }}
              search={{ play: true }}
              className={buttonStyle('primary', 'large')}
            >
              <Play aria-hidden="true" className="size-5 fill-current" /> Play
            </Link>
            <Link
              to="/titles/$titleId"
              params={{ titleId: title.title_id }}
              className={buttonStyle('secondary', 'large')}
            >
              <Info aria-hidden="true" className="size-5" /> About
            </Link>
          </div>
        </div>
        {titles.length > 1 && <HeroPicks titles={titles} chosen={chosen} onChoose={setChosen} />}
      </div>
    </section>
  );
}

interface HeroPicksProps {
  titles: Title[];
  chosen: number;
  onChoose: (index: number) => void;
}

function HeroPicks({ titles, chosen, onChoose }: HeroPicksProps) {
  return (
    <ul className="hidden gap-3 lg:flex">
      {titles.map((title, index) => (
        <li key={title.title_id}>
          <Button
            aria-label={`Show ${title.name}`}
            aria-pressed={index === chosen}
            onPress={() => onChoose(index)}
            className="block w-28 cursor-pointer overflow-hidden rounded-xl opacity-60 ring-2 ring-transparent transition hover:opacity-100 aria-pressed:opacity-100 aria-pressed:ring-accent-400"
          >
            <Poster src={title.poster_url} name={title.name} showName={false} className="aspect-video w-full" />
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** A title's poster behind its name, darkened where text is. */
export function HeroBackdrop({ title }: { title: Title }) {
  return (
    <div aria-hidden="true" className="absolute inset-0 -z-10 animate-fade overflow-hidden">
      <Poster src={title.poster_url} name={title.name} showName={false} eager className="size-full" />
      <div className="absolute inset-0 bg-linear-to-r from-surface-950/95 via-surface-950/40 via-45% to-transparent to-75% max-sm:hidden" />
      <div className="absolute inset-0 bg-linear-to-t from-surface-950 via-surface-950/45 via-35% to-surface-950/20 max-sm:via-surface-950/70 max-sm:via-50%" />
    </div>
  );
}

export function HeroSkeleton() {
  return (
    <div className="gutter flex min-h-[min(88dvh,54rem)] flex-col justify-end gap-4 pb-14" role="status">
      <span className="sr-only">Loading the newest films</span>
      <div className="skeleton h-5 w-48 rounded" />
      <div className="skeleton h-20 w-[min(36rem,80%)] rounded-2xl" />
      <div className="skeleton h-4 w-[min(30rem,90%)] rounded" />
      <div className="skeleton h-4 w-[min(26rem,70%)] rounded" />
      <div className="skeleton mt-4 h-13 w-36 rounded-full" />
    </div>
  );
}
