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
  /** The name of this sitting: the id of the playback that it began with. */
  sitting: string | undefined;
  /** Starts over, at the position where it stopped. */
  retry: () => void;
}

const noSubscription = () => () => undefined;

/** Asks for a playback of the title and plays it in the element, from `startAt` seconds on. */
export function useEngine(video: RefObject<HTMLVideoElement | null>, titleId: string, startAt: number): Playing {
  const [engine, setEngine] = useState<Engine>();
  const [sitting, setSitting] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [start, setStart] = useState({ at: startAt });
  const state = useSyncExternalStore(engine?.subscribe ?? noSubscription, () => engine?.state());

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let over = false;
    let started: Engine | undefined;

    const begin = async () => {
      const kind = engineKind();
      if (!kind) {
        setProblem(unsupported);
        return;
      }
      const ask = () => requestPlayback(titleId, kind === 'renewing');
      const playback = await ask();
      const lease = new Lease(playback, ask);
      if (over) return;
      setSitting(playback.playback_id);
      started = startEngine(kind, element, lease, { captions: loadSettings().captions, startAt: start.at });
      setEngine(started);
      // Refused when nobody pressed anything yet: the play button is there for that.
      await element.play().catch(() => undefined);
    };
    begin().catch((thrown) => over || setProblem(toProblem(thrown)));

    return () => {
      over = true;
      started?.destroy();
      setEngine(undefined);
      setSitting(undefined);
      setProblem(undefined);
    };
  }, [video, titleId, start]);

  // A film that never began stands at 0, wherever it was to begin.
  const retry = useCallback(() => setStart(({ at }) => ({ at: video.current?.currentTime || at })), [video]);
  return { engine, state, problem: problem ?? state?.problem, sitting, retry };
}

const unsupported = newProblem('unavailable', {
  title: 'This browser cannot play films',
  detail: 'It has neither Media Source Extensions nor HLS. A current Chrome, Edge, Firefox or Safari has.',
});
