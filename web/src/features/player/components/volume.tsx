import { Volume1, Volume2, VolumeX } from 'lucide-react';
import { IconButton } from '@/ui/button';
import { Slider } from './slider';

interface VolumeProps {
  volume: number;
  muted: boolean;
  onToggle: () => void;
  onChange: (volume: number) => void;
}

export function Volume({ volume, muted, onToggle, onChange }: VolumeProps) {
  const level = muted ? 0 : volume;
  const Icon = level === 0 ? VolumeX : level < 0.5 ? Volume1 : Volume2;
  const percent = Math.round(level * 100);

  return (
    <div className="group/volume flex items-center">
      <IconButton label={muted ? 'Unmute' : 'Mute'} onPress={onToggle}>
        <Icon aria-hidden="true" className="size-6" />
      </IconButton>
      <div className="hidden w-0 overflow-hidden transition-[width] duration-300 group-focus-within/volume:w-24 group-hover/volume:w-24 sm:block">
        <Slider
          label="Volume"
          value={level}
          max={1}
          step={0.05}
          text={`${percent} percent`}
          onDrag={onChange}
          onChange={onChange}
          className="mx-2 h-8"
        >
          <div className="relative h-1 w-full rounded-full bg-foreground/25">
            <div className="absolute inset-y-0 left-0 rounded-full bg-foreground" style={{ width: `${percent}%` }} />
            <div
              className="absolute top-1/2 size-3 -translate-x-1/2 -translate-y-1/2 rounded-full bg-foreground"
              style={{ left: `${percent}%` }}
            />
          </div>
        </Slider>
      </div>
    </div>
  );
}
