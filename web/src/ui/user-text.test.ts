import { describe, expect, it } from 'vitest';
import { nameSize, needsTallLines, userText } from './user-text';

describe('user text', () => {
  it('has its own direction, and a language if known', () => {
    expect(userText('ar')).toEqual({ dir: 'auto', lang: 'ar' });
    expect(userText(null)).toEqual({ dir: 'auto' });
  });

  it.each([
    ['Night Tram to Vesna', false],
    ['Ночной трамвай, 2', false],
    ['Ολονύχτιο', false],
    ['رحلة قصيرة عبر الألوان', true],
    ['夜の電車', true],
    ['रात की ट्राम', true],
    ['Đêm Ế', true],
  ])('%s needs tall lines: %s', (name, tall) => {
    expect(needsTallLines(name)).toBe(tall);
  });

  it.each([
    ['Ferro', 'large'],
    ['Night Tram to Vesna', 'large'],
    ['The Beekeeper’s Ledger, a Memoir', 'medium'],
    ['Donaudampfschiff', 'medium'],
    ['a'.repeat(60), 'small'],
    ['long words '.repeat(18), 'small'],
  ])('%s gets the size %s', (name, size) => {
    expect(nameSize(name)).toBe(size);
  });
});
