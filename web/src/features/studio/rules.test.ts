import { expect, it } from 'vitest';
import type { Title } from '@/api/types';
import { changesOf, detailsOf } from './rules';

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

it('reads a form', () => {
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

it('takes a language away', () => {
  const form = new FormData();
  form.set('language', 'none');
  expect(detailsOf(form).language).toBeNull();
  const { name, description, genres, visibility } = title;
  expect(changesOf(title, { name, description, genres, visibility, language: null })).toEqual({ language: null });
});

it('sends only what was changed', () => {
  const same = { name: 'Harbour', description: 'Boats.', genres: ['nature', 'drama'], language: 'en' };
  expect(changesOf(title, { ...same, visibility: 'public' })).toEqual({});
  expect(changesOf(title, { ...same, description: '', visibility: 'private' })).toEqual({
    description: '',
    visibility: 'private',
  });
});
