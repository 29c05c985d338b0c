/** The playback engine. No other module knows hls.js; the rest of the player sees rungs, captions and problems. */
import Hls, { ErrorDetails, ErrorTypes, Events, type HlsConfig } from 'hls.js';
import workerPath from 'hls.js/dist/hls.worker.js?url';
import { newProblem, type Problem, ProblemError, toProblem } from '@/api/problem';
import { startCaptions } from './captions';
import { FilesReplaced, type Lease } from './lease';
import { leasedLoader } from './leased-loader';
import { type Rung, rungsOf } from './rules';

/** The menu entry for automatic quality. */
export const AUTO = -1;

/** An audio track of the film. */
export interface AudioTrack {
  track: number;
  name: string;
}

/** The menu entry for no captions. */
export const NO_CAPTIONS = -1;

export interface EngineState {
  rungs: Rung[];
  /** The selected level, or [`AUTO`]. */
  selected: number;
  /** The playing level; -1 when unknown. */
  playing: number;
  audioTracks: AudioTrack[];
  /** The playing audio track; -1 when unknown. */
  audioTrack: number;
  captions: { track: number; name: string }[];
  caption: number;
  /** The current caption lines, if the app renders them. */
  captionLines: string[];
  problem: Problem | undefined;
}

export interface Engine {
  state(): EngineState;
  /** Calls `listener` on every change. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void;
  selectRung(level: number): void;
  selectAudioTrack(track: number): void;
  selectCaptions(track: number): void;
  destroy(): void;
}

export type EngineKind = 'renewing' | 'native';

/** How this browser plays HLS, if at all. Only hls.js lets us renew the playback token. */
export function engineKind(): EngineKind | undefined {
  if (Hls.isSupported()) return 'renewing';
  return document.createElement('video').canPlayType('application/vnd.apple.mpegurl') ? 'native' : undefined;
}

/** How playback starts. */
export interface EngineOptions {
  captions: boolean;
  /** Where to start, in seconds. */
  startAt: number;
}

/** Plays the lease's title in `video`. */
export function startEngine(kind: EngineKind, video: HTMLVideoElement, lease: Lease, options: EngineOptions): Engine {
  return kind === 'renewing' ? startHls(video, lease, options) : startNative(video, lease, options);
}

const initialState: EngineState = {
  rungs: [],
  selected: AUTO,
  playing: -1,
  audioTracks: [],
  audioTrack: -1,
  captions: [],
  caption: NO_CAPTIONS,
  captionLines: [],
  problem: undefined,
};

function createStore() {
  let state = initialState;
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
  const captions = startCaptions(video, (captionLines) => store.set({ captionLines }));
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
    store.set({ audioTracks: audioTracks.map(({ id, name }) => ({ track: id, name })), audioTrack: hls.audioTrack });
  });
  hls.on(Events.AUDIO_TRACK_SWITCHED, (_, { id }) => store.set({ audioTrack: id }));
  hls.on(Events.SUBTITLE_TRACKS_UPDATED, (_, { subtitleTracks }) => {
    store.set({ captions: subtitleTracks.map(({ id, name }) => ({ track: id, name })) });
    // hls.js makes its own choice right after this event.
    const wanted = options.captions ? (subtitleTracks[0]?.id ?? NO_CAPTIONS) : NO_CAPTIONS;
    queueMicrotask(() => selectCaptions(wanted));
  });
  hls.on(Events.CUES_PARSED, (_, { cues, subtitleTrack }) => subtitleTrack && captions.add(subtitleTrack.id, cues));

  hls.on(Events.ERROR, (_, error) => {
    if (!error.fatal) return;
    const retry = performance.now() - recoveredAt > 10_000;
    if (error.type === ErrorTypes.MEDIA_ERROR && retry) {
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
      store.set({ audioTrack: track });
    },
    selectCaptions,
    destroy: () => hls.destroy(),
  };
}

/** Safari on iPhone plays HLS natively: it chooses the rung itself, and its token lasts for the whole film. */
function startNative(video: HTMLVideoElement, lease: Lease, { startAt }: EngineOptions): Engine {
  const store = createStore();

  const listTracks = () => {
    const captions = [...video.textTracks].map(({ label, language }, track) => ({ track, name: label || language }));
    const caption = [...video.textTracks].findIndex(({ mode }) => mode === 'showing');
    const nativeTracks = Array.from(audioTracksOf(video));
    const audioTracks = nativeTracks.map(({ label, language }, track) => ({ track, name: label || language }));
    store.set({ captions, caption, audioTracks, audioTrack: nativeTracks.findIndex(({ enabled }) => enabled) });
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
    // Native audio tracks are on the element, where the browser supports them at all.
    selectAudioTrack: (track) => {
      const audioTracks = audioTracksOf(video);
      for (let index = 0; index < audioTracks.length; index += 1) {
        const audioTrack = audioTracks[index];
        if (audioTrack) audioTrack.enabled = index === track;
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

/** Safari's list of audio tracks; other browsers and TypeScript lack it. */
function audioTracksOf(video: HTMLVideoElement): ArrayLike<{ label: string; language: string; enabled: boolean }> {
  return (
    (video as { audioTracks?: ArrayLike<{ label: string; language: string; enabled: boolean }> }).audioTracks ?? []
  );
}

const unplayable = newProblem('internal', {
  title: 'This film can’t be played',
  detail: 'Your browser could not play it. Try again, or try another browser.',
});

const refused = newProblem('forbidden', {
  title: 'The film could not be started',
  detail: 'Marquee could not check whether you may watch it. Try again in a few seconds.',
});

function leaseProblem(cause: unknown): Problem {
  if (cause instanceof FilesReplaced) {
    return newProblem('conflict', {
      title: 'There is a newer version',
      detail: 'This film was published again while you watched. Restart it to see the new version.',
    });
  }
  return cause instanceof ProblemError || cause instanceof TypeError ? toProblem(cause) : refused;
}

function engineProblem(type: ErrorTypes, details: ErrorDetails, status: number | undefined): Problem {
  if (type !== ErrorTypes.NETWORK_ERROR || details === ErrorDetails.MANIFEST_PARSING_ERROR) return unplayable;
  if (status === 404 || status === 410) {
    return newProblem('not-found', {
      title: 'This film is no longer available',
      detail: 'It may have been removed.',
    });
  }
  return status && status >= 400 ? newProblem('unavailable') : newProblem('offline');
}
