import { expect, it } from 'vitest';
import type { Title } from '@/api/types';
import { audioTrackNames, bestResolution, cardFacts, facts, genresOf, similarHeading } from './rules';

const title = (genres: string[], more: Partial<Title> = {}): Title => ({
  title_id: genres.join(),
  name: 'x',
  description: '',
  genres,
  visibility: 'public',
  state: 'published',
  owner: { creator_id: 'a', display_name: 'A' },
  renditions: [],
  created_at: '',
  updated_at: '',
  version: 1,
  ...more,
});

const rendition = (width: number, height: number) => ({
  width,
  height,
  frame_rate: 24,
  bitrate: 1,
  codecs: '',
});

it('names the best resolution by its short side', () => {
  expect(bestResolution([rendition(640, 360), rendition(1920, 1080)])).toBe('1080p');
  expect(bestResolution([rendition(1080, 1920)])).toBe('1080p');
  expect(bestResolution([rendition(3840, 2160)])).toBe('4K');
  expect(bestResolution([])).toBeUndefined();
});

it('lists what is known and omits the rest', () => {
  expect(facts(title([]))).toEqual([]);
  const known = title(['drama'], {
    published_at: '2026-03-05T12:00:00Z',
    duration_ms: 5_520_000,
    renditions: [rendition(1280, 720)],
  });
  expect(facts(known)).toEqual(['2026', '1 h 32 min', '720p']);
  expect(cardFacts(known)).toEqual(['Drama', '1 h 32 min']);
});

it('collects the genres of all titles', () => {
  const titles = [title(['drama', 'crime']), title(['drama']), title(['crime']), title(['drama', 'horror'])];
  expect(genresOf(titles)).toEqual(['crime', 'drama', 'horror']);
});

it('adds the language to the name of an audio track that does not contain it', () => {
  const tracks = [
    { name: 'Surround', language: 'fr' },
    { name: 'English commentary', language: 'en' },
    { name: 'Sound' },
  ];
  expect(audioTrackNames(tracks)).toEqual(['Surround (French)', 'English commentary', 'Sound']);
});

it('names a single audio track only if something is known of it', () => {
  expect(audioTrackNames([{ name: 'Sound' }])).toEqual([]);
  expect(audioTrackNames([{ name: 'Sound', language: 'fr' }])).toEqual(['Sound (French)']);
  expect(audioTrackNames([{ name: 'Commentary' }])).toEqual(['Commentary']);
  expect(audioTrackNames([])).toEqual([]);
});

it('calls titles alike only if their reasons say what they share', () => {
  const headingOf = (...reasons: string[]) => similarHeading(reasons.map((reason) => ({ reason })));
  expect(headingOf('Also drama', 'Shares: newborn', 'Watched by the same people')).toBe('More like this');
  expect(headingOf('New here', 'New here')).toBe('More to watch');
  expect(headingOf('New in science fiction')).toBe('More to watch');
});
