import { Play, RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Title } from '@/api/types';
import { formatPosition } from '@/format/time';
import { Fact } from '@/ui/badge';
import { Button } from '@/ui/button';
import { facts } from '../rules';
import { Eyebrow } from './eyebrow';
import { HeroBackdrop } from './hero';
import { HeroName } from './hero-name';

interface TitleHeaderProps {
  title: Title;
  /** Where the viewer stopped, in seconds; 0 to play from the start. */
  resumeAt?: number;
  onPlay: () => void;
  onStartOver?: () => void;
  /** Next to the play button, such as the owner's link to the studio. */
  children?: ReactNode;
}

/** The top of a title's page while the film is not playing. */
export function TitleHeader({ title, resumeAt = 0, onPlay, onStartOver, children }: TitleHeaderProps) {
  const playable = title.state === 'published';
  return (
    <section className="relative isolate flex min-h-[min(78dvh,48rem)] items-end">
      <HeroBackdrop title={title} />
      <div className="gutter w-full min-w-0 max-w-4xl animate-rise pt-40 pb-12">
        {/* The genres are links below. */}
        <Eyebrow title={title} genres={0} />
        <HeroName title={title} />
        <div className="mt-5 flex flex-wrap gap-2">
          {facts(title).map((fact) => (
            <Fact key={fact}>{fact}</Fact>
          ))}
        </div>
        <div className="mt-7 flex flex-wrap gap-3">
          {playable ? (
            <Button variant="primary" size="large" onPress={onPlay}>
              <Play aria-hidden="true" className="size-5 fill-current" />{' '}
              {resumeAt > 0 ? `Resume at ${formatPosition(resumeAt)}` : 'Play'}
            </Button>
          ) : (
            <p className="rounded-full bg-surface-850/80 px-5 py-3 font-semibold text-secondary">
              {notPlayable(title)}
            </p>
          )}
          {playable && resumeAt > 0 && (
            <Button size="large" onPress={() => onStartOver?.()}>
              <RotateCcw aria-hidden="true" className="size-5" /> Start over
            </Button>
          )}
          {children}
        </div>
      </div>
    </section>
  );
}

function notPlayable(title: Title): string {
  switch (title.state) {
    case 'archived':
      return 'Removed by its creator';
    case 'failed':
      return 'Could not be published';
    case 'draft':
      return 'No file uploaded yet';
    default:
      return 'Not ready to watch yet';
  }
}
