import type { Title, Visibility } from '@/api/types';
import { formatDate } from '@/format/time';

export const MAX_GENRES = 5;

/** The form value for no language. */
export const NO_LANGUAGE = 'none';

export interface Details {
  name: string;
  description: string;
  genres: string[];
  language: string | null;
  visibility: Visibility;
}

/** The details of a title from form data. */
export function detailsOf(form: FormData): Details {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const visibility = text('visibility');
  const language = text('language');
  return {
    name: text('name'),
    description: text('description'),
    genres: form.getAll('genres').filter((genre) => typeof genre === 'string'),
    language: language === '' || language === NO_LANGUAGE ? null : language,
    visibility: visibility === 'unlisted' || visibility === 'private' ? visibility : 'public',
  };
}

/** The changed fields only, so that concurrent edits of different fields do not undo each other. */
export function changesOf(before: Title, after: Details): Partial<Details> {
  const changed: Partial<Details> = {};
  if (after.name !== before.name) changed.name = after.name;
  if (after.description !== before.description) changed.description = after.description;
  if (after.visibility !== before.visibility) changed.visibility = after.visibility;
  if (after.language !== (before.language ?? null)) changed.language = after.language;
  if ([...after.genres].sort().join() !== [...before.genres].sort().join()) changed.genres = after.genres;
  return changed;
}

/** Whether a title was never published. It is then deleted for good instead of archived. */
export function isUnpublished(title: Title): boolean {
  return (title.state === 'draft' || title.state === 'failed') && title.published_at === undefined;
}

/** Whether an archived title can be restored. */
export function canRestore(title: Title): boolean {
  return title.state === 'archived' && title.files_deleted_at === undefined;
}

/** Until when an archived title can be restored. */
export function archivedNote(title: Title): string {
  if (!canRestore(title)) return 'Files deleted';
  if (title.restorable_until) return `Can be restored until ${formatDate(title.restorable_until)}`;
  return 'Can be restored';
}

/** Whether a title's details can be changed. */
export function canEdit(title: Title): boolean {
  return title.state !== 'archived';
}
