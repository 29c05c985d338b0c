import { answer, api } from '@/api/client';
import type { Playback } from '@/api/types';

/** Asks for a playback: the manifest's address with a token in its path. */
export function requestPlayback(titleId: string, renewable: boolean): Promise<Playback> {
  return answer(
    api.POST('/api/titles/{title_id}/playback', { params: { path: { title_id: titleId } }, body: { renewable } }),
  );
}
