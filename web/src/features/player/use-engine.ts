import { type RefObject, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { newProblem, type Problem, toProblem } from '@/api/problem';
import { requestPlayback } from './api';
import { type Engine, type EngineState, engineKind, startEngine } from './engine';
import { Lease } from './lease';
import { loadSettings } from './settings';

export interface Playing {
  engine: Engine | undefined;
  state: EngineState | undefined;
  problem: Problem | undefined;
  /** The ID of this watch session: the ID of its first playback. */
  watchSessionId: string | undefined;
  /** Restarts at the position where playback stopped. */
  retry: () => void;
}

const noSubscription = () => () => undefined;

/** Requests a playback of the title and plays it in the element from `startAt` seconds. */
export function useEngine(video: RefObject<HTMLVideoElement | null>, titleId: string, startAt: number): Playing {
  const [engine, setEngine] = useState<Engine>();
  const [watchSessionId, setWatchSessionId] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [start, setStart] = useState({ at: startAt });
  const state = useSyncExternalStore(engine?.subscribe ?? noSubscription, () => engine?.state());

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let disposed = false;
    let started: Engine | undefined;

    const play = async () => {
      const kind = engineKind();
      if (!kind) {
        setProblem(unsupported);
        return;
      }
      const request = () => requestPlayback(titleId, kind === 'renewing');
      const playback = await request();
      const lease = new Lease(playback, request);
      if (disposed) return;
      setWatchSessionId(playback.playback_id);
      started = startEngine(kind, element, lease, { captions: loadSettings().captions, startAt: start.at });
      setEngine(started);
      // The browser may block autoplay; the user then presses the play button.
      await element.play().catch(() => undefined);
    };
    play().catch((thrown) => disposed || setProblem(toProblem(thrown)));

    return () => {
      disposed = true;
      started?.destroy();
      setEngine(undefined);
      setWatchSessionId(undefined);
      setProblem(undefined);
    };
  }, [video, titleId, start]);

  // `currentTime` is 0 if the film never started.
  const retry = useCallback(() => setStart(({ at }) => ({ at: video.current?.currentTime || at })), [video]);
  return { engine, state, problem: problem ?? state?.problem, watchSessionId, retry };
}

const unsupported = newProblem('unavailable', {
  title: 'This browser can’t play films',
  detail: 'It supports neither Media Source Extensions nor HLS. Use a current Chrome, Edge, Firefox or Safari.',
});
