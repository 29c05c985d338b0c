import { useState } from 'react';
import { needsTallLines } from './user-text';

interface PosterProps {
  src: string | null | undefined;
  /** The title's name, shown on generated posters. */
  name: string;
  className?: string;
  /** Load with high priority, for the poster at the top of a page. */
  eager?: boolean;
  /** Whether a generated poster shows the name; off where large text already does. */
  showName?: boolean;
}

/** A title's poster. Decorative, because the title's name is always next to it. */
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

/** A poster with colors derived from the name, so that a title always looks the same. */
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
        // The padding is outside of the clamped text, where it would reveal half of the next line.
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
