import type { Title, Visibility } from '@/api/types';

export const MAX_GENRES = 5;

/** What stands in the form for a language that is not said. */
export const NO_LANGUAGE = 'none';

export interface Details {
  name: string;
  description: string;
  genres: string[];
  language: string | null;
  visibility: Visibility;
}

/** A form's fields as the details of a title. */
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

/** Only what differs, so that two people who edit different fields do not undo each other's work. */
export function changesOf(before: Title, after: Details): Partial<Details> {
  const changed: Partial<Details> = {};
  if (after.name !== before.name) changed.name = after.name;
  if (after.description !== before.description) changed.description = after.description;
  if (after.visibility !== before.visibility) changed.visibility = after.visibility;
  if (after.language !== (before.language ?? null)) changed.language = after.language;
  if ([...after.genres].sort().join() !== [...before.genres].sort().join()) changed.genres = after.genres;
  return changed;
}

/** Whether deleting it takes nothing from anybody: it is removed for good, not archived. */
export function isUnpublished(title: Title): boolean {
  return (title.state === 'draft' || title.state === 'failed') && title.published_at === undefined;
}

/** Whether an archived title can be brought back. */
export function canRestore(title: Title): boolean {
  return title.state === 'archived' && title.files_deleted_at === undefined;
}

/** What may be done with a title in its state. */
export function canEdit(title: Title): boolean {
  return title.state !== 'archived';
}
