import { useState } from 'react';
import { formatPosition, spokenPosition } from '@/format/time';

import { Slider } from './slider';

interface SeekBarProps {
  time: number;
  duration: number;
  buffered: { start: number; end: number }[];
  onSeek: (time: number) => void;
}

export function SeekBar({ time, duration, buffered, onSeek }: SeekBarProps) {
  const [hovered, setHovered] = useState<number>();
  const [dragged, setDragged] = useState<number>();
  const shown = dragged ?? time;
  const share = (value: number) => (duration > 0 ? `${(value / duration) * 100}%` : '0%');

  return (
    <Slider
      label="Position"
      value={shown}
      max={duration}
      step={5}
      text={`${spokenPosition(shown)} of ${spokenPosition(duration)}`}
      onHover={setHovered}
      onDrag={setDragged}
      onChange={(wanted) => {
        setDragged(undefined);
        onSeek(wanted);
      }}
      className="group/seek h-6 w-full pointer-coarse:h-11"
    >
      <div className="relative h-1 w-full rounded-full bg-foreground/25 transition-[height] group-hover/seek:h-1.5 group-data-dragging/seek:h-1.5">
        {buffered.map(({ start, end }) => (
          <div
            key={start}
            className="absolute inset-y-0 rounded-full bg-foreground/35"
            style={{ left: share(start), width: share(end - start) }}
          />
        ))}
        <div className="absolute inset-y-0 left-0 rounded-full bg-accent-400" style={{ width: share(shown) }} />
        <div
          className="absolute top-1/2 size-4 -translate-x-1/2 -translate-y-1/2 scale-0 rounded-full bg-accent-400 shadow-glow transition-transform group-hover/seek:scale-100 group-focus-visible/seek:scale-100 group-data-dragging/seek:scale-125"
          style={{ left: share(shown) }}
        />
      </div>
      {hovered !== undefined && duration > 0 && (
        <div
          className="pointer-events-none absolute bottom-7 -translate-x-1/2 rounded-lg bg-surface-950/90 px-2.5 py-1 text-sm font-semibold tabular-nums"
          style={{ left: `clamp(1.75rem, ${share(hovered)}, calc(100% - 1.75rem))` }}
        >
          {formatPosition(hovered)}
        </div>
      )}
    </Slider>
  );
}
