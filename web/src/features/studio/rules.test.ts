import { expect, it } from 'vitest';
import type { Title } from '@/api/types';
import { canRestore, changesOf, detailsOf, isUnpublished } from './rules';

const title: Title = {
  title_id: 't',
  name: 'Harbour',
  description: 'Boats.',
  genres: ['drama', 'nature'],
  language: 'en',
  visibility: 'public',
  state: 'published',
  owner: { creator_id: 'a', display_name: 'A' },
  renditions: [],
  created_at: '',
  updated_at: '',
  version: 3,
};

it('reads the details from a form', () => {
  const form = new FormData();
  form.set('name', '  Harbour ');
  form.append('genres', 'drama');
  form.append('genres', 'nature');
  form.set('visibility', 'nonsense');
  expect(detailsOf(form)).toEqual({
    name: 'Harbour',
    description: '',
    genres: ['drama', 'nature'],
    language: null,
    visibility: 'public',
  });
});

it('removes the language', () => {
  const form = new FormData();
  form.set('language', 'none');
  expect(detailsOf(form).language).toBeNull();
  const { name, description, genres, visibility } = title;
  expect(changesOf(title, { name, description, genres, visibility, language: null })).toEqual({ language: null });
});

it('returns only the changed fields', () => {
  const same = { name: 'Harbour', description: 'Boats.', genres: ['nature', 'drama'], language: 'en' };
  expect(changesOf(title, { ...same, visibility: 'public' })).toEqual({});
  expect(changesOf(title, { ...same, description: '', visibility: 'private' })).toEqual({
    description: '',
    visibility: 'private',
  });
});

it('allows deleting unpublished titles, and restoring archived ones while their files exist', () => {
  const published = { ...title, published_at: '2026-03-05T12:00:00Z' };
  expect(isUnpublished({ ...title, state: 'draft' })).toBe(true);
  expect(isUnpublished({ ...title, state: 'failed' })).toBe(true);
  expect(isUnpublished({ ...published, state: 'failed' })).toBe(false);
  expect(isUnpublished(published)).toBe(false);
  expect(canRestore(published)).toBe(false);
  expect(canRestore({ ...published, state: 'archived' })).toBe(true);
  expect(canRestore({ ...published, state: 'archived', files_deleted_at: '2026-03-12T12:00:00Z' })).toBe(false);
});
