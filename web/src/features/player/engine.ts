/** The media engine: the only module that knows hls.js. The rest of the player sees rungs, captions and problems. */
import Hls, { ErrorDetails, ErrorTypes, Events, type HlsConfig } from 'hls.js';
import workerPath from 'hls.js/dist/hls.worker.js?url';
import { newProblem, type Problem, ProblemError, toProblem } from '@/api/problem';
import { startCaptions } from './captions';
import { FilesReplaced, type Lease } from './lease';
import { leasedLoader } from './leased-loader';
import { type Rung, rungsOf } from './rules';

/** The quality menu's entry that lets the engine choose. */
export const AUTO = -1;

/** A sound track of the film. */
export interface AudioTrack {
  track: number;
  name: string;
}

/** The captions menu's entry for none. */
export const NO_CAPTIONS = -1;

export interface EngineState {
  rungs: Rung[];
  /** The level that was asked for, or [`AUTO`]. */
  selected: number;
  /** The level on the screen; -1 when it is not known. */
  playing: number;
  audioTracks: AudioTrack[];
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
  selectRung(level: number): void;
  selectAudioTrack(track: number): void;
  selectCaptions(track: number): void;
  destroy(): void;
}

export type EngineKind = 'renewing' | 'native';

/** How this browser plays HLS, if it does. Only our own engine can renew the token of a playback. */
export function engineKind(): EngineKind | undefined {
  if (Hls.isSupported()) return 'renewing';
  return document.createElement('video').canPlayType('application/vnd.apple.mpegurl') ? 'native' : undefined;
}

/** How a film begins. */
export interface EngineOptions {
  captions: boolean;
  /** Where it was stopped before. */
  startAt: number;
}

/** Plays what `lease` gives the right to, in `video`. */
export function startEngine(kind: EngineKind, video: HTMLVideoElement, lease: Lease, options: EngineOptions): Engine {
  return kind === 'renewing' ? startHls(video, lease, options) : startNative(video, lease, options);
}

const nothing: EngineState = {
  rungs: [],
  selected: AUTO,
  playing: -1,
  audioTracks: [],
  sound: -1,
  captions: [],
  caption: NO_CAPTIONS,
  lines: [],
  problem: undefined,
};

function createStore() {
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

function startHls(video: HTMLVideoElement, lease: Lease, options: EngineOptions): Engine {
  const store = createStore();
  const captions = startCaptions(video, (lines) => store.set({ lines }));
  let recoveredAt = Number.NEGATIVE_INFINITY;

  const stopWith = (problem: Problem) => {
    hls.stopLoad();
    video.pause();
    store.set({ problem });
  };
  const selectCaptions = (track: number) => {
    hls.subtitleTrack = track;
    captions.show(track);
    store.set({ caption: track });
  };
  const config: Partial<HlsConfig> = {
    workerPath,
    startPosition: options.startAt > 0 ? options.startAt : -1,
    capLevelToPlayerSize: true,
    maxBufferLength: 30,
    backBufferLength: 60,
    renderTextTracksNatively: false,
    loader: leasedLoader(Hls.DefaultConfig.loader, lease, (cause) => stopWith(leaseProblem(cause))),
  };
  const hls = new Hls(config);

  hls.on(Events.MANIFEST_PARSED, (_, { levels }) => {
    store.set({ rungs: rungsOf(levels.map(({ width, height, bitrate }) => ({ width, height, bitrate }))) });
  });
  hls.on(Events.LEVEL_SWITCHED, (_, { level }) => store.set({ playing: level }));
  hls.on(Events.AUDIO_TRACKS_UPDATED, (_, { audioTracks }) => {
    store.set({ audioTracks: audioTracks.map(({ id, name }) => ({ track: id, name })), sound: hls.audioTrack });
  });
  hls.on(Events.AUDIO_TRACK_SWITCHED, (_, { id }) => store.set({ sound: id }));
  hls.on(Events.SUBTITLE_TRACKS_UPDATED, (_, { subtitleTracks }) => {
    store.set({ captions: subtitleTracks.map(({ id, name }) => ({ track: id, name })) });
    // hls.js makes its own choice right after this.
    const wanted = options.captions ? (subtitleTracks[0]?.id ?? NO_CAPTIONS) : NO_CAPTIONS;
    queueMicrotask(() => selectCaptions(wanted));
  });
  hls.on(Events.CUES_PARSED, (_, { cues, subtitleTrack }) => subtitleTrack && captions.add(subtitleTrack.id, cues));

  hls.on(Events.ERROR, (_, error) => {
    if (!error.fatal) return;
    const again = performance.now() - recoveredAt > 10_000;
    if (error.type === ErrorTypes.MEDIA_ERROR && again) {
      recoveredAt = performance.now();
      hls.recoverMediaError();
    } else {
      stopWith(engineProblem(error.type, error.details, error.response?.code));
    }
  });

  hls.loadSource(lease.manifestUrl);
  hls.attachMedia(video);

  return {
    state: store.state,
    subscribe: store.subscribe,
    selectRung: (level) => {
      hls.nextLevel = level;
      store.set({ selected: level });
    },
    selectAudioTrack: (track) => {
      hls.audioTrack = track;
      store.set({ sound: track });
    },
    selectCaptions,
    destroy: () => hls.destroy(),
  };
}

/** Safari on a phone plays HLS by itself: it chooses the rung, and its token lasts for the whole film. */
function startNative(video: HTMLVideoElement, lease: Lease, { startAt }: EngineOptions): Engine {
  const store = createStore();

  const listTracks = () => {
    const captions = [...video.textTracks].map(({ label, language }, track) => ({ track, name: label || language }));
    const caption = [...video.textTracks].findIndex(({ mode }) => mode === 'showing');
    const heard = Array.from(audioTracksOf(video));
    const audioTracks = heard.map(({ label, language }, track) => ({ track, name: label || language }));
    store.set({ captions, caption, audioTracks, sound: heard.findIndex(({ enabled }) => enabled) });
  };
  const failed = () => {
    const network = video.error?.code === MediaError.MEDIA_ERR_NETWORK;
    store.set({ problem: network ? newProblem('offline') : unplayable });
  };
  video.textTracks.addEventListener('addtrack', listTracks);
  video.textTracks.addEventListener('change', listTracks);
  video.addEventListener('loadedmetadata', listTracks);
  video.addEventListener('error', failed);
  video.src = lease.manifestUrl;
  if (startAt > 0) video.currentTime = startAt;

  return {
    state: store.state,
    subscribe: store.subscribe,
    selectRung: () => undefined,
    // Its own audioTracks are in the element, where this browser has them at all.
    selectAudioTrack: (track) => {
      const audioTracks = audioTracksOf(video);
      for (let index = 0; index < audioTracks.length; index += 1) {
        const sound = audioTracks[index];
        if (sound) sound.enabled = index === track;
      }
      listTracks();
    },
    selectCaptions: (track) => {
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

/** Safari's list of audioTracks; other browsers, and TypeScript, do not have it. */
function audioTracksOf(video: HTMLVideoElement): ArrayLike<{ label: string; language: string; enabled: boolean }> {
  return (
    (video as { audioTracks?: ArrayLike<{ label: string; language: string; enabled: boolean }> }).audioTracks ?? []
  );
}

const unplayable = newProblem('internal', {
  title: 'The film cannot be played',
  detail: 'What arrived could not be shown by this browser. Try again, or try another browser.',
});

const refused = newProblem('forbidden', {
  title: 'The film was refused',
  detail: 'The permission to watch ran out and a new one did not help. Start it again in a few seconds.',
});

function leaseProblem(cause: unknown): Problem {
  if (cause instanceof FilesReplaced) {
    return newProblem('conflict', {
      title: 'There is a newer version',
      detail: 'This title was published anew while you watched. Start it again to see the new version.',
    });
  }
  return cause instanceof ProblemError || cause instanceof TypeError ? toProblem(cause) : refused;
}

function engineProblem(type: ErrorTypes, details: ErrorDetails, status: number | undefined): Problem {
  if (type !== ErrorTypes.NETWORK_ERROR || details === ErrorDetails.MANIFEST_PARSING_ERROR) return unplayable;
  if (status === 404 || status === 410) {
    return newProblem('not-found', {
      title: 'The film is gone',
      detail: 'Its files are not there any more. It may have been taken down.',
    });
  }
  return status && status >= 400 ? newProblem('unavailable') : newProblem('offline');
}
