import { useState } from 'react';
import { needsTallLines } from './user-text';

interface PosterProps {
  src: string | null | undefined;
  /** The title's name: drawn when there is no picture. */
  name: string;
  className?: string;
  /** The picture above everything is wanted first. */
  eager?: boolean;
  /** Written on the drawn poster; off where the name stands beside it in large letters. */
  showName?: boolean;
}

/** A title's picture. It says nothing that the name beside it does not say, so it is hidden from screen readers. */
export function Poster({ src, name, className = '', eager = false, showName = true }: PosterProps) {
  const [broken, setBroken] = useState<string>();
  if (!src || src === broken) return <GeneratedPoster name={name} className={className} showName={showName} />;
  return (
    <img
      src={src}
      alt=""
      loading={eager ? 'eager' : 'lazy'}
      decoding="async"
      fetchPriority={eager ? 'high' : 'auto'}
      onError={() => setBroken(src)}
      className={`bg-surface-850 object-cover ${className}`}
    />
  );
}

/** A poster in colours that come from the name, so that a title always variants the same. */
function GeneratedPoster({ name, className, showName }: { name: string; className: string; showName: boolean }) {
  const hue = hueFromName(name);
  return (
    <div
      aria-hidden="true"
      className={`flex items-end overflow-hidden ${className}`}
      style={{
        backgroundImage: `radial-gradient(120% 90% at 85% 0%, hsl(${hue} 55% 38%), transparent 60%), linear-gradient(160deg, hsl(${(hue + 40) % 360} 45% 22%), hsl(${(hue + 320) % 360} 50% 10%))`,
      }}
    >
      {showName && (
        // The padding is around the clamped lines: inside of them it would show half of the next line.
        <span className="p-4">
          <span
            dir="auto"
            className={`line-clamp-3 font-display text-2xl font-extrabold text-foreground/85 [font-stretch:75%] ${needsTallLines(name) ? 'leading-tight' : 'leading-none'}`}
          >
            {name}
          </span>
        </span>
      )}
    </div>
  );
}

function hueFromName(name: string): number {
  let hash = 7;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 360;
  return hash;
}
