import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { formatPosition } from '@/format/time';
import type { Actions } from './components/controls';
import { type Engine, NO_CAPTIONS } from './engine';
import { nextSpeed } from './rules';
import { loadSettings, saveSettings } from './settings';
import type { Command } from './shortcuts';

/** A message about the last action; `at` distinguishes equal messages. */
export interface Message {
  text: string;
  at: number;
}

const MESSAGE_MS = 1_200;

/** Everything that buttons and keys can do to the film. Keys also show a message. */
export function useActions(
  ref: RefObject<HTMLVideoElement | null>,
  engine: Engine | undefined,
  toggleFullscreen: () => void,
  showHelp: () => void,
) {
  const [message, setMessage] = useState<Message>();
  const latest = useRef({ engine, toggleFullscreen, showHelp });
  latest.current = { engine, toggleFullscreen, showHelp };

  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    const { volume, muted, speed } = loadSettings();
    video.volume = volume;
    video.muted = muted;
    video.defaultPlaybackRate = speed;
    video.playbackRate = speed;
  }, [ref]);

  useEffect(() => {
    if (!message) return;
    const timer = setTimeout(() => setMessage(undefined), MESSAGE_MS);
    return () => clearTimeout(timer);
  }, [message]);

  const actions = useMemo((): Actions => {
    const withVideo = (act: (video: HTMLVideoElement) => void) => () => void (ref.current && act(ref.current));
    const saveVolume = ({ volume, muted }: HTMLVideoElement) => saveSettings({ volume, muted });
    const seekTo = (time: number) =>
      withVideo((video) => {
        video.currentTime = Math.min(Math.max(time, 0), video.duration || 0);
      })();

    return {
      togglePlay: withVideo((video) => (video.paused ? void video.play().catch(() => undefined) : video.pause())),
      seekTo,
      seekBy: (seconds) => withVideo((video) => seekTo(video.currentTime + seconds))(),
      setVolume: (volume) =>
        withVideo((video) => {
          video.volume = Math.min(Math.max(volume, 0), 1);
          video.muted = false;
          saveVolume(video);
        })(),
      toggleMute: withVideo((video) => {
        if (video.volume === 0) video.volume = 0.5;
        video.muted = !video.muted;
        saveVolume(video);
      }),
      setSpeed: (speed) =>
        withVideo((video) => {
          video.playbackRate = speed;
          saveSettings({ speed });
        })(),
      selectRung: (level) => latest.current.engine?.selectRung(level),
      selectAudioTrack: (track) => latest.current.engine?.selectAudioTrack(track),
      selectCaptions: (track) => {
        latest.current.engine?.selectCaptions(track);
        saveSettings({ captions: track !== NO_CAPTIONS });
      },
      togglePictureInPicture: withVideo((video) => {
        const changed = document.pictureInPictureElement
          ? document.exitPictureInPicture()
          : video.requestPictureInPicture();
        // Fails before the film has loaded; the user can press the button again.
        void changed.catch(() => undefined);
      }),
      toggleFullscreen: () => latest.current.toggleFullscreen(),
      showHelp: () => latest.current.showHelp(),
    };
  }, [ref]);

  const run = useCallback(
    (command: Command) => {
      const video = ref.current;
      if (!video) return;
      const text = perform(command, video, actions, latest.current.engine);
      if (text) setMessage({ text, at: performance.now() });
    },
    [actions, ref],
  );

  return { actions, message, run };
}

/** Runs a shortcut and returns its message. */
function perform(command: Command, video: HTMLVideoElement, actions: Actions, engine: Engine | undefined) {
  switch (command.do) {
    case 'toggle-play': {
      const text = video.paused ? 'Playing' : 'Paused';
      actions.togglePlay();
      return text;
    }
    case 'toggle-mute':
      actions.toggleMute();
      return video.muted ? 'Muted' : 'Unmuted';
    case 'toggle-captions':
      return toggleCaptions(actions, engine);
    case 'seek-by':
      actions.seekBy(command.seconds);
      return formatPosition(video.currentTime);
    case 'seek-to':
      actions.seekTo(command.fraction * (video.duration || 0));
      return formatPosition(video.currentTime);
    case 'volume-by':
      actions.setVolume(video.volume + command.amount);
      return `Volume ${Math.round(video.volume * 100)}%`;
    case 'speed':
      actions.setSpeed(nextSpeed(video.playbackRate, command.direction));
      return video.playbackRate === 1 ? 'Normal speed' : `${video.playbackRate}×`;
    case 'toggle-fullscreen':
      actions.toggleFullscreen();
      return undefined;
    case 'help':
      actions.showHelp();
      return undefined;
  }
}

function toggleCaptions(actions: Actions, engine: Engine | undefined): string {
  const state = engine?.state();
  const first = state?.captions[0];
  if (!state || !first) return 'No captions';
  const on = state.caption === NO_CAPTIONS;
  actions.selectCaptions(on ? first.track : NO_CAPTIONS);
  return on ? `Captions: ${first.name}` : 'Captions off';
}
