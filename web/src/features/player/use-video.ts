import { type RefObject, useEffect, useState } from 'react';

/** The state of a video element that the controls show. */
export interface VideoState {
  started: boolean;
  paused: boolean;
  ended: boolean;
  waiting: boolean;
  time: number;
  duration: number;
  buffered: { start: number; end: number }[];
  volume: number;
  muted: boolean;
  speed: number;
  inPictureInPicture: boolean;
}

const initial: VideoState = {
  started: false,
  paused: true,
  ended: false,
  waiting: true,
  time: 0,
  duration: 0,
  buffered: [],
  volume: 1,
  muted: false,
  speed: 1,
  inPictureInPicture: false,
};

const events = [
  'play',
  'pause',
  'playing',
  'waiting',
  'canplay',
  'seeking',
  'seeked',
  'ended',
  'timeupdate',
  'durationchange',
  'progress',
  'volumechange',
  'ratechange',
  'enterpictureinpicture',
  'leavepictureinpicture',
  'emptied',
] as const;

export function useVideo(ref: RefObject<HTMLVideoElement | null>): VideoState {
  const [state, setState] = useState(initial);

  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    const update = () => setState((before) => read(video, before));
    for (const event of events) video.addEventListener(event, update);
    update();
    return () => {
      for (const event of events) video.removeEventListener(event, update);
    };
  }, [ref]);

  return state;
}

function read(video: HTMLVideoElement, before: VideoState): VideoState {
  return {
    started: before.started || video.currentTime > 0 || !video.paused,
    paused: video.paused,
    ended: video.ended,
    waiting: video.seeking || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA,
    time: video.currentTime,
    duration: Number.isFinite(video.duration) ? video.duration : 0,
    buffered: rangesOf(video.buffered),
    volume: video.volume,
    muted: video.muted || video.volume === 0,
    speed: video.playbackRate,
    inPictureInPicture: document.pictureInPictureElement === video,
  };
}

function rangesOf(ranges: TimeRanges): VideoState['buffered'] {
  return Array.from({ length: ranges.length }, (_, index) => ({ start: ranges.start(index), end: ranges.end(index) }));
}
