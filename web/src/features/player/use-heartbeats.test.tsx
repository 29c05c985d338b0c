// @vitest-environment jsdom
import { render, waitFor } from '@testing-library/react';
import { useRef } from 'react';
import { expect, it, vi } from 'vitest';
import type { Progress } from '@/api/types';
import { intercept, signInAs } from '../../../tests/dom';
import { useHeartbeats } from './use-heartbeats';

const watchSessionId = '0197a000-0000-7000-8000-000000000001';

function Film({ onProgressSaved }: { onProgressSaved: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  useHeartbeats(video, 'the-title', watchSessionId, onProgressSaved);
  return <video ref={video} data-testid="film" />;
}

it('reports progress on pause, when the page is hidden and on unmount', async () => {
  signInAs('viewer');
  const reported: Progress[] = [];
  const keepalive: boolean[] = [];
  intercept(async (request) => {
    if (request.url.endsWith('/auth/refresh')) return Response.json({ access_token: 'a', expires_in: 900 });
    keepalive.push(request.keepalive);
    reported.push((await request.json()) as Progress);
    return new Response(null, { status: 204 });
  });
  const onProgressSaved = vi.fn();
  const { getByTestId, unmount } = render(<Film onProgressSaved={onProgressSaved} />);
  const video = getByTestId('film');
  const setState = (currentTime: number, changes: object = {}) => {
    const state = { currentTime, readyState: 4, seeking: false, paused: false, ...changes };
    for (const [name, value] of Object.entries(state))
      Object.defineProperty(video, name, { value, configurable: true });
  };
  const dispatch = (event: string) => video.dispatchEvent(new Event(event));

  setState(0);
  dispatch('timeupdate');
  setState(5);
  dispatch('timeupdate');
  dispatch('pause');
  await waitFor(() => expect(reported).toHaveLength(1));

  setState(400, { seeking: true });
  dispatch('seeking');
  dispatch('timeupdate');
  setState(400);
  dispatch('seeked');
  dispatch('timeupdate');
  setState(402);
  dispatch('timeupdate');
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
  await waitFor(() => expect(reported).toHaveLength(2));

  setState(403);
  dispatch('timeupdate');
  // The engine unloads the film before the player unmounts.
  setState(0, { readyState: 0 });
  dispatch('emptied');
  dispatch('timeupdate');
  expect(onProgressSaved).not.toHaveBeenCalled();
  unmount();
  await waitFor(() => expect(onProgressSaved).toHaveBeenCalledOnce());

  expect(reported).toEqual([
    { playback_id: watchSessionId, position_ms: 5_000, watched_ms: 5_000, number: 1 },
    { playback_id: watchSessionId, position_ms: 402_000, watched_ms: 7_000, number: 2 },
    { playback_id: watchSessionId, position_ms: 403_000, watched_ms: 8_000, number: 3 },
  ]);
  expect(keepalive).toEqual([true, true, true]);
});
