/**
 * Unsaved details of a title, stored for this tab in case the session or the page ends. `id` is a title's ID or
 * `NEW_TITLE`.
 */
import type { Details } from './rules';

export const NEW_TITLE = 'new';

export type Draft = Partial<Details>;

export function loadDraft(id: string): Draft {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(storageKey(id)) ?? '{}');
    return typeof stored === 'object' && stored !== null ? parseDraft(stored as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function saveDraft(id: string, draft: Draft): void {
  sessionStorage.setItem(storageKey(id), JSON.stringify(draft));
}

export function deleteDraft(id: string): void {
  sessionStorage.removeItem(storageKey(id));
}

function storageKey(id: string): string {
  return `marquee.draft.${id}`;
}

/** Validates a stored draft, which another version of the app may have written. */
function parseDraft({ name, description, genres, language, visibility }: Record<string, unknown>): Draft {
  return {
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
    ...(Array.isArray(genres) && { genres: genres.filter((genre) => typeof genre === 'string') }),
    ...((typeof language === 'string' || language === null) && { language }),
    ...((visibility === 'public' || visibility === 'unlisted' || visibility === 'private') && { visibility }),
  };
}
