import { type RefObject, useEffect, useRef } from 'react';
import { recordProgress } from './api';
import { WatchSession } from './watch-session';

const HEARTBEAT_INTERVAL_MS = 10_000;

/**
 * Reports the progress of the watch session: every ten seconds, on pause and at the end, when the page is hidden, and on
 * unmount. Each heartbeat is complete, so a lost one does no harm.
 */
export function useHeartbeats(
  ref: RefObject<HTMLVideoElement | null>,
  titleId: string,
  id: string | undefined,
  onProgressSaved: (() => void) | undefined,
): void {
  const latestOnProgressSaved = useRef(onProgressSaved);
  latestOnProgressSaved.current = onProgressSaved;

  useEffect(() => {
    const video = ref.current;
    if (!video || id === undefined) return;
    const session = new WatchSession(id);
    let lastRequest: Promise<unknown> = Promise.resolve();

    const sample = () => {
      // During a seek the position is not reached yet, and an element without a source is at 0.
      if (!video.seeking && video.readyState > HTMLMediaElement.HAVE_NOTHING) session.sample(video.currentTime);
    };
    const send = () => {
      const heartbeat = session.nextHeartbeat();
      if (heartbeat) lastRequest = recordProgress(titleId, heartbeat).catch(() => undefined);
    };
    const report = () => {
      sample();
      send();
    };
    const seek = () => session.seek();
    const reportIfPaused = () => video.paused && report();
    const reportIfHidden = () => document.visibilityState === 'hidden' && report();

    const timer = setInterval(report, HEARTBEAT_INTERVAL_MS);
    const listeners = {
      timeupdate: sample,
      seeking: seek,
      emptied: seek,
      pause: report,
      ended: report,
      seeked: reportIfPaused,
    };
    for (const [event, listener] of Object.entries(listeners)) video.addEventListener(event, listener);
    document.addEventListener('visibilitychange', reportIfHidden);
    addEventListener('pagehide', report);

    return () => {
      clearInterval(timer);
      for (const [event, listener] of Object.entries(listeners)) video.removeEventListener(event, listener);
      document.removeEventListener('visibilitychange', reportIfHidden);
      removeEventListener('pagehide', report);
      // No new sample: the engine may already have unloaded the film.
      send();
      void lastRequest.then(() => latestOnProgressSaved.current?.());
    };
  }, [ref, titleId, id]);
}
