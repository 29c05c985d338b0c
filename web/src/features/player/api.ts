import { api, unwrap } from '@/api/client';
import type { Playback, Progress } from '@/api/types';

/** Asks for a playback: the manifest's address with a token in its path. */
export function requestPlayback(titleId: string, renewable: boolean): Promise<Playback> {
  return unwrap(
    api.POST('/api/titles/{title_id}/playback', { params: { path: { title_id: titleId } }, body: { renewable } }),
  );
}

/** Says how far a sitting has come. It is said to its end even if the page goes away meanwhile. */
export function recordProgress(titleId: string, progress: Progress): Promise<unknown> {
  return unwrap(
    api.PUT('/api/titles/{title_id}/progress', {
      params: { path: { title_id: titleId } },
      body: progress,
      keepalive: true,
    }),
  );
}
