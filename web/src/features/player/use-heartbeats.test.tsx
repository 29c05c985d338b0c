// @vitest-environment jsdom
import { render, waitFor } from '@testing-library/react';
import { useRef } from 'react';
import { expect, it, vi } from 'vitest';
import type { Progress } from '@/api/types';
import { intercept, signInAs } from '../../../tests/dom';
import { useHeartbeats } from './use-heartbeats';

const sitting = '0197a000-0000-7000-8000-000000000001';

function Film({ onProgressSaved }: { onProgressSaved: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  useHeartbeats(video, 'the-title', sitting, onProgressSaved);
  return <video ref={video} data-testid="film" />;
}

it('says how far the sitting came when it pauses, when the page is hidden and when it is left', async () => {
  signInAs('viewer');
  const told: Progress[] = [];
  const kept: boolean[] = [];
  intercept(async (request) => {
    if (request.url.endsWith('/auth/refresh')) return Response.json({ access_token: 'a', expires_in: 900 });
    kept.push(request.keepalive);
    told.push((await request.json()) as Progress);
    return new Response(null, { status: 204 });
  });
  const onProgressSaved = vi.fn();
  const { getByTestId, unmount } = render(<Film onProgressSaved={onProgressSaved} />);
  const video = getByTestId('film');
  const stand = (currentTime: number, more: object = {}) => {
    const state = { currentTime, readyState: 4, seeking: false, paused: false, ...more };
    for (const [name, value] of Object.entries(state))
      Object.defineProperty(video, name, { value, configurable: true });
  };
  const happens = (event: string) => video.dispatchEvent(new Event(event));

  stand(0);
  happens('timeupdate');
  stand(5);
  happens('timeupdate');
  happens('pause');
  await waitFor(() => expect(told).toHaveLength(1));

  stand(400, { seeking: true });
  happens('seeking');
  happens('timeupdate');
  stand(400);
  happens('seeked');
  happens('timeupdate');
  stand(402);
  happens('timeupdate');
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
  await waitFor(() => expect(told).toHaveLength(2));

  stand(403);
  happens('timeupdate');
  // The engine takes the film away before the player is gone.
  stand(0, { readyState: 0 });
  happens('emptied');
  happens('timeupdate');
  expect(onProgressSaved).not.toHaveBeenCalled();
  unmount();
  await waitFor(() => expect(onProgressSaved).toHaveBeenCalledOnce());

  expect(told).toEqual([
    { playback_id: sitting, position_ms: 5_000, watched_ms: 5_000, number: 1 },
    { playback_id: sitting, position_ms: 402_000, watched_ms: 7_000, number: 2 },
    { playback_id: sitting, position_ms: 403_000, watched_ms: 8_000, number: 3 },
  ]);
  expect(kept).toEqual([true, true, true]);
});
