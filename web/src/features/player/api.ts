import { api, unwrap } from '@/api/client';
import type { Playback, Progress } from '@/api/types';

/** Requests a playback: the URL of the manifest, with a token in its path. */
export function requestPlayback(titleId: string, renewable: boolean): Promise<Playback> {
  return unwrap(
    api.POST('/api/titles/{title_id}/playback', { params: { path: { title_id: titleId } }, body: { renewable } }),
  );
}

/** Records watch progress. `keepalive` completes the request even when the page closes. */
export function recordProgress(titleId: string, progress: Progress): Promise<unknown> {
  return unwrap(
    api.PUT('/api/titles/{title_id}/progress', {
      params: { path: { title_id: titleId } },
      body: progress,
      keepalive: true,
    }),
  );
}
