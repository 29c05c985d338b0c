/** The media engine: the only module that knows hls.js. The rest of the player sees rungs, captions and problems. */
import Hls, { ErrorDetails, ErrorTypes, Events, type HlsConfig } from 'hls.js';
import workerPath from 'hls.js/dist/hls.worker.js?url';
import { type Problem, ProblemError, problemIn, problemOf } from '@/api/problem';
import { startCaptions } from './captions';
import { FilesReplaced, type Lease } from './lease';
import { leasedLoader } from './leased-loader';
import { type Rung, rungsOf } from './rules';

/** The quality menu's entry that lets the engine choose. */
export const AUTO = -1;

/** A sound track of the film. */
export interface SoundTrack {
  track: number;
  name: string;
}

/** The captions menu's entry for none. */
export const NO_CAPTIONS = -1;

export interface EngineState {
  rungs: Rung[];
  /** The level that was asked for, or [`AUTO`]. */
  chosen: number;
  /** The level on the screen; -1 when it is not known. */
  playing: number;
  sounds: SoundTrack[];
  /** The sound track that is heard; -1 when it is not known. */
  sound: number;
  captions: { track: number; name: string }[];
  caption: number;
  /** What is said right now, where we draw it. */
  lines: string[];
  problem: Problem | undefined;
}

export interface Engine {
  state(): EngineState;
  /** Calls back with every change; answers how to stop. */
  subscribe(listener: () => void): () => void;
  chooseRung(level: number): void;
  chooseSound(track: number): void;
  chooseCaptions(track: number): void;
  destroy(): void;
}

export type EngineKind = 'renewing' | 'native';

/** How this browser plays HLS, if it does. Only our own engine can renew the token of a playback. */
export function engineKind(): EngineKind | undefined {
  if (Hls.isSupported()) return 'renewing';
  return document.createElement('video').canPlayType('application/vnd.apple.mpegurl') ? 'native' : undefined;
}

/** How a film begins. */
export interface Wishes {
  captions: boolean;
  /** Where it was stopped before. */
  startAt: number;
}

/** Plays what `lease` gives the right to, in `video`. */
export function startEngine(kind: EngineKind, video: HTMLVideoElement, lease: Lease, wishes: Wishes): Engine {
  return kind === 'renewing' ? startHls(video, lease, wishes) : startNative(video, lease, wishes);
}

const nothing: EngineState = {
  rungs: [],
  chosen: AUTO,
  playing: -1,
  sounds: [],
  sound: -1,
  captions: [],
  caption: NO_CAPTIONS,
  lines: [],
  problem: undefined,
};

function stateHolder() {
  let state = nothing;
  const listeners = new Set<() => void>();
  return {
    state: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set: (change: Partial<EngineState>) => {
      state = { ...state, ...change };
      for (const listener of listeners) listener();
    },
  };
}

function startHls(video: HTMLVideoElement, lease: Lease, wishes: Wishes): Engine {
  const held = stateHolder();
  const captions = startCaptions(video, (lines) => held.set({ lines }));
  let recoveredAt = Number.NEGATIVE_INFINITY;

  const stopWith = (problem: Problem) => {
    hls.stopLoad();
    video.pause();
    held.set({ problem });
  };
  const chooseCaptions = (track: number) => {
    hls.subtitleTrack = track;
    captions.show(track);
    held.set({ caption: track });
  };
  const config: Partial<HlsConfig> = {
    workerPath,
    startPosition: wishes.startAt > 0 ? wishes.startAt : -1,
    capLevelToPlayerSize: true,
    maxBufferLength: 30,
    backBufferLength: 60,
    renderTextTracksNatively: false,
    loader: leasedLoader(Hls.DefaultConfig.loader, lease, (cause) => stopWith(problemOfLease(cause))),
  };
  const hls = new Hls(config);

  hls.on(Events.MANIFEST_PARSED, (_, { levels }) => {
    held.set({ rungs: rungsOf(levels.map(({ width, height, bitrate }) => ({ width, height, bitrate }))) });
  });
  hls.on(Events.LEVEL_SWITCHED, (_, { level }) => held.set({ playing: level }));
  hls.on(Events.AUDIO_TRACKS_UPDATED, (_, { audioTracks }) => {
    held.set({ sounds: audioTracks.map(({ id, name }) => ({ track: id, name })), sound: hls.audioTrack });
  });
  hls.on(Events.AUDIO_TRACK_SWITCHED, (_, { id }) => held.set({ sound: id }));
  hls.on(Events.SUBTITLE_TRACKS_UPDATED, (_, { subtitleTracks }) => {
    held.set({ captions: subtitleTracks.map(({ id, name }) => ({ track: id, name })) });
    // hls.js makes its own choice right after this.
    const wanted = wishes.captions ? (subtitleTracks[0]?.id ?? NO_CAPTIONS) : NO_CAPTIONS;
    queueMicrotask(() => chooseCaptions(wanted));
  });
  hls.on(Events.CUES_PARSED, (_, { cues, subtitleTrack }) => subtitleTrack && captions.add(subtitleTrack.id, cues));

  hls.on(Events.ERROR, (_, error) => {
    if (!error.fatal) return;
    const again = performance.now() - recoveredAt > 10_000;
    if (error.type === ErrorTypes.MEDIA_ERROR && again) {
      recoveredAt = performance.now();
      hls.recoverMediaError();
    } else {
      stopWith(problemOfEngine(error.type, error.details, error.response?.code));
    }
  });

  hls.loadSource(lease.manifestUrl);
  hls.attachMedia(video);

  return {
    state: held.state,
    subscribe: held.subscribe,
    chooseRung: (level) => {
      hls.nextLevel = level;
      held.set({ chosen: level });
    },
    chooseSound: (track) => {
      hls.audioTrack = track;
      held.set({ sound: track });
    },
    chooseCaptions,
    destroy: () => hls.destroy(),
  };
}

/** Safari on a phone plays HLS by itself: it chooses the rung, and its token lasts for the whole film. */
function startNative(video: HTMLVideoElement, lease: Lease, { startAt }: Wishes): Engine {
  const held = stateHolder();

  const listTracks = () => {
    const captions = [...video.textTracks].map(({ label, language }, track) => ({ track, name: label || language }));
    const caption = [...video.textTracks].findIndex(({ mode }) => mode === 'showing');
    const heard = Array.from(audioTracksOf(video));
    const sounds = heard.map(({ label, language }, track) => ({ track, name: label || language }));
    held.set({ captions, caption, sounds, sound: heard.findIndex(({ enabled }) => enabled) });
  };
  const failed = () => {
    const network = video.error?.code === MediaError.MEDIA_ERR_NETWORK;
    held.set({ problem: network ? problemOf('offline') : unplayable });
  };
  video.textTracks.addEventListener('addtrack', listTracks);
  video.textTracks.addEventListener('change', listTracks);
  video.addEventListener('loadedmetadata', listTracks);
  video.addEventListener('error', failed);
  video.src = lease.manifestUrl;
  if (startAt > 0) video.currentTime = startAt;

  return {
    state: held.state,
    subscribe: held.subscribe,
    chooseRung: () => undefined,
    // Its own sounds are in the element, where this browser has them at all.
    chooseSound: (track) => {
      const sounds = audioTracksOf(video);
      for (let index = 0; index < sounds.length; index += 1) {
        const sound = sounds[index];
        if (sound) sound.enabled = index === track;
      }
      listTracks();
    },
    chooseCaptions: (track) => {
      [...video.textTracks].forEach((each, index) => {
        each.mode = index === track ? 'showing' : 'disabled';
      });
    },
    destroy: () => {
      video.textTracks.removeEventListener('addtrack', listTracks);
      video.textTracks.removeEventListener('change', listTracks);
      video.removeEventListener('loadedmetadata', listTracks);
      video.removeEventListener('error', failed);
      video.removeAttribute('src');
      video.load();
    },
  };
}

/** Safari's list of sounds; other browsers, and TypeScript, do not have it. */
function audioTracksOf(video: HTMLVideoElement): ArrayLike<{ label: string; language: string; enabled: boolean }> {
  return (
    (video as { audioTracks?: ArrayLike<{ label: string; language: string; enabled: boolean }> }).audioTracks ?? []
  );
}

const unplayable = problemOf('internal', {
  title: 'The film cannot be played',
  detail: 'What arrived could not be shown by this browser. Try again, or try another browser.',
});

const refused = problemOf('forbidden', {
  title: 'The film was refused',
  detail: 'The permission to watch ran out and a new one did not help. Start it again in a few seconds.',
});

function problemOfLease(cause: unknown): Problem {
  if (cause instanceof FilesReplaced) {
    return problemOf('conflict', {
      title: 'There is a newer version',
      detail: 'This title was published anew while you watched. Start it again to see the new version.',
    });
  }
  return cause instanceof ProblemError || cause instanceof TypeError ? problemIn(cause) : refused;
}

function problemOfEngine(type: ErrorTypes, details: ErrorDetails, status: number | undefined): Problem {
  if (type !== ErrorTypes.NETWORK_ERROR || details === ErrorDetails.MANIFEST_PARSING_ERROR) return unplayable;
  if (status === 404 || status === 410) {
    return problemOf('not-found', {
      title: 'The film is gone',
      detail: 'Its files are not there any more. It may have been taken down.',
    });
  }
  return status && status >= 400 ? problemOf('unavailable') : problemOf('offline');
}
