import {
  AudioLines,
  Captions,
  CircleHelp,
  Gauge,
  Maximize,
  Minimize,
  Pause,
  PictureInPicture2,
  Play,
  RotateCcw,
  RotateCw,
  Settings2,
} from 'lucide-react';
import { formatBitrate } from '@/format/amounts';
import { formatPosition } from '@/format/time';
import { IconButton } from '@/ui/button';
import { ChoiceMenu } from '@/ui/menu';
import { AUTO, type EngineState, NO_CAPTIONS } from '../engine';
import { speeds } from '../rules';
import type { VideoState } from '../use-video';
import { SeekBar } from './seek-bar';
import { Volume } from './volume';

export interface Actions {
  togglePlay: () => void;
  seekTo: (time: number) => void;
  seekBy: (seconds: number) => void;
  setVolume: (volume: number) => void;
  toggleMute: () => void;
  setSpeed: (speed: number) => void;
  selectRung: (level: number) => void;
  selectAudioTrack: (track: number) => void;
  selectCaptions: (track: number) => void;
  togglePictureInPicture: () => void;
  toggleFullscreen: () => void;
  showHelp: () => void;
}

interface ControlsProps {
  video: VideoState;
  engine: EngineState | undefined;
  actions: Actions;
  fullscreen: boolean;
}

const iconSize = 'size-6';

export function Controls({ video, engine, actions, fullscreen }: ControlsProps) {
  return (
    <div className="flex flex-col gap-1 px-3 pt-16 pb-2 sm:px-6 sm:pb-4">
      <SeekBar time={video.time} duration={video.duration} buffered={video.buffered} onSeek={actions.seekTo} />
      <div className="flex items-center gap-0.5 sm:gap-1">
        <IconButton label={video.paused ? 'Play' : 'Pause'} onPress={actions.togglePlay}>
          {video.paused ? (
            <Play aria-hidden="true" className={`${iconSize} fill-current`} />
          ) : (
            <Pause aria-hidden="true" className={`${iconSize} fill-current`} />
          )}
        </IconButton>
        <IconButton label="Back 10 seconds" onPress={() => actions.seekBy(-10)} className="max-sm:hidden">
          <RotateCcw aria-hidden="true" className="size-5" />
        </IconButton>
        <IconButton label="Forward 10 seconds" onPress={() => actions.seekBy(10)} className="max-sm:hidden">
          <RotateCw aria-hidden="true" className="size-5" />
        </IconButton>
        <Volume volume={video.volume} muted={video.muted} onToggle={actions.toggleMute} onChange={actions.setVolume} />
        <p className="px-2 text-sm font-medium whitespace-nowrap tabular-nums">
          <span className="sr-only">Position </span>
          {formatPosition(video.time)} <span className="text-foreground/75">/ {formatPosition(video.duration)}</span>
        </p>
        <div className="flex-1" />
        <div className="flex max-sm:hidden sm:gap-1">
          <AudioMenu engine={engine} actions={actions} />
          <CaptionsMenu engine={engine} actions={actions} />
          <SpeedMenu speed={video.speed} actions={actions} />
          <QualityMenu engine={engine} actions={actions} />
        </div>
        <IconButton label="Keyboard shortcuts" onPress={actions.showHelp} className="max-md:hidden">
          <CircleHelp aria-hidden="true" className={iconSize} />
        </IconButton>
        <div className="max-sm:hidden">
          <PictureInPictureButton video={video} actions={actions} />
        </div>
        <IconButton label={fullscreen ? 'Exit full screen' : 'Full screen'} onPress={actions.toggleFullscreen}>
          {fullscreen ? (
            <Minimize aria-hidden="true" className={iconSize} />
          ) : (
            <Maximize aria-hidden="true" className={iconSize} />
          )}
        </IconButton>
      </div>
    </div>
  );
}

/** Phones have no room for all controls in one row: menus go to the top, skip buttons to the middle. */
export function TouchControls({ video, engine, actions }: Omit<ControlsProps, 'fullscreen'>) {
  return (
    <>
      <div className="absolute top-2 right-2 z-10 flex rounded-full bg-surface-950/60 sm:hidden">
        <AudioMenu engine={engine} actions={actions} />
        <CaptionsMenu engine={engine} actions={actions} />
        <SpeedMenu speed={video.speed} actions={actions} />
        <QualityMenu engine={engine} actions={actions} />
        <PictureInPictureButton video={video} actions={actions} />
      </div>
      <div className="pointer-events-none absolute inset-x-0 top-1/2 flex -translate-y-1/2 justify-center gap-36 sm:hidden">
        <IconButton
          label="Back 10 seconds"
          onPress={() => actions.seekBy(-10)}
          className="pointer-events-auto bg-surface-950/60"
        >
          <RotateCcw aria-hidden="true" className="size-5" />
        </IconButton>
        <IconButton
          label="Forward 10 seconds"
          onPress={() => actions.seekBy(10)}
          className="pointer-events-auto bg-surface-950/60"
        >
          <RotateCw aria-hidden="true" className="size-5" />
        </IconButton>
      </div>
    </>
  );
}

function PictureInPictureButton({ video, actions }: Pick<ControlsProps, 'video' | 'actions'>) {
  if (!document.pictureInPictureEnabled) return null;
  return (
    <IconButton
      label={video.inPictureInPicture ? 'Exit picture-in-picture' : 'Picture-in-picture'}
      onPress={actions.togglePictureInPicture}
    >
      <PictureInPicture2 aria-hidden="true" className={iconSize} />
    </IconButton>
  );
}

interface MenuProps {
  engine: EngineState | undefined;
  actions: Actions;
}

function QualityMenu({ engine, actions }: MenuProps) {
  if (!engine || engine.rungs.length === 0) return null;
  const playing = engine.rungs.find((rung) => rung.level === engine.playing);
  const selected = engine.rungs.find((rung) => rung.level === engine.selected);
  const choices = [
    { id: AUTO, name: 'Auto', ...(engine.selected === AUTO && playing && { note: playing.name }) },
    ...engine.rungs.map((rung) => ({ id: rung.level, name: rung.name, note: formatBitrate(rung.bandwidth) })),
  ];
  return (
    <ChoiceMenu
      label="Quality"
      choices={choices}
      chosen={engine.selected}
      onChoose={actions.selectRung}
      trigger={
        <IconButton
          label={`Quality: ${selected?.name ?? `Auto${playing ? `, ${playing.name}` : ''}`}`}
          className="sm:w-auto sm:gap-2 sm:px-3"
        >
          <Settings2 aria-hidden="true" className={iconSize} />
          <span aria-hidden="true" className="text-sm font-semibold max-sm:hidden">
            {selected?.name ?? 'Auto'}
          </span>
        </IconButton>
      }
    />
  );
}

function SpeedMenu({ speed, actions }: { speed: number; actions: Actions }) {
  return (
    <ChoiceMenu
      label="Speed"
      choices={speeds.map((each) => ({ id: each as number, name: each === 1 ? 'Normal' : `${each}×` }))}
      chosen={speed}
      onChoose={actions.setSpeed}
      trigger={
        <IconButton label={`Speed: ${speed === 1 ? 'normal' : `${speed} times`}`}>
          <Gauge aria-hidden="true" className={iconSize} />
        </IconButton>
      }
    />
  );
}

export function AudioMenu({ engine, actions }: MenuProps) {
  if (!engine || engine.audioTracks.length < 2) return null;
  const playing = engine.audioTracks.find(({ track }) => track === engine.audioTrack);
  return (
    <ChoiceMenu
      label="Audio"
      choices={engine.audioTracks.map(({ track, name }) => ({ id: track, name }))}
      chosen={engine.audioTrack}
      onChoose={actions.selectAudioTrack}
      trigger={
        <IconButton label={`Audio${playing ? `: ${playing.name}` : ''}`}>
          <AudioLines aria-hidden="true" className={iconSize} />
        </IconButton>
      }
    />
  );
}

function CaptionsMenu({ engine, actions }: MenuProps) {
  if (!engine || engine.captions.length === 0) return null;
  return (
    <ChoiceMenu
      label="Captions"
      choices={[{ id: NO_CAPTIONS, name: 'Off' }, ...engine.captions.map(({ track, name }) => ({ id: track, name }))]}
      chosen={engine.caption}
      onChoose={actions.selectCaptions}
      trigger={
        <IconButton label={engine.caption === NO_CAPTIONS ? 'Captions: off' : 'Captions: on'}>
          <Captions
            aria-hidden="true"
            className={`${iconSize} ${engine.caption === NO_CAPTIONS ? '' : 'text-accent-400'}`}
          />
        </IconButton>
      }
    />
  );
}
