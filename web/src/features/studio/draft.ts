/**
 * What was typed about a title and not saved, kept for this tab: a session may end, or a page be left, before it is sent. `of`
 * is the title's id, or `NEW_TITLE`.
 */
import type { Details } from './rules';

export const NEW_TITLE = 'new';

export type Draft = Partial<Details>;

export function loadDraft(of: string): Draft {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(storageKey(of)) ?? '{}');
    return typeof stored === 'object' && stored !== null ? draftIn(stored as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function saveDraft(of: string, draft: Draft): void {
  sessionStorage.setItem(storageKey(of), JSON.stringify(draft));
}

export function deleteDraft(of: string): void {
  sessionStorage.removeItem(storageKey(of));
}

function storageKey(of: string): string {
  return `marquee.draft.${of}`;
}

/** What of a stored object is what it should be: another version of the app may have written it. */
function draftIn({ name, description, genres, language, visibility }: Record<string, unknown>): Draft {
  return {
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
    ...(Array.isArray(genres) && { genres: genres.filter((genre) => typeof genre === 'string') }),
    ...((typeof language === 'string' || language === null) && { language }),
    ...((visibility === 'public' || visibility === 'unlisted' || visibility === 'private') && { visibility }),
  };
}
