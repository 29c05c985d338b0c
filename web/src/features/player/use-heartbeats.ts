import { type RefObject, useEffect, useRef } from 'react';
import { recordProgress } from './api';
import { WatchSession } from './watch-session';

const HEARTBEAT_INTERVAL_MS = 10_000;

/**
 * Tells the service how far the sitting has come: every ten seconds, when the film pauses or ends, when the page is hidden
 * and when the player is left. A heartbeat says all there is to say, so one that is lost is not missed.
 */
export function useHeartbeats(
  ref: RefObject<HTMLVideoElement | null>,
  titleId: string,
  id: string | undefined,
  onProgressSaved: (() => void) | undefined,
): void {
  const left = useRef(onProgressSaved);
  left.current = onProgressSaved;

  useEffect(() => {
    const video = ref.current;
    if (!video || id === undefined) return;
    const sitting = new WatchSession(id);
    let said: Promise<unknown> = Promise.resolve();

    const look = () => {
      // While it jumps the new place is told before the jump is done, and an element without a film stands at 0.
      if (!video.seeking && video.readyState > HTMLMediaElement.HAVE_NOTHING) sitting.look(video.currentTime);
    };
    const tell = () => {
      const beat = sitting.beat();
      if (beat) said = recordProgress(titleId, beat).catch(() => undefined);
    };
    const say = () => {
      look();
      tell();
    };
    const jump = () => sitting.jump();
    const sayPaused = () => video.paused && say();
    const sayHidden = () => document.visibilityState === 'hidden' && say();

    const timer = setInterval(say, HEARTBEAT_INTERVAL_MS);
    const ofVideo = { timeupdate: look, seeking: jump, emptied: jump, pause: say, ended: say, seeked: sayPaused };
    for (const [event, listener] of Object.entries(ofVideo)) video.addEventListener(event, listener);
    document.addEventListener('visibilitychange', sayHidden);
    addEventListener('pagehide', say);

    return () => {
      clearInterval(timer);
      for (const [event, listener] of Object.entries(ofVideo)) video.removeEventListener(event, listener);
      document.removeEventListener('visibilitychange', sayHidden);
      removeEventListener('pagehide', say);
      // Without another look: the engine may have taken the film away already.
      tell();
      void said.then(() => left.current?.());
    };
  }, [ref, titleId, id]);
}
