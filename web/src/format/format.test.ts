import { describe, expect, it } from 'vitest';
import { formatBitrate, formatBytes, formatCount, formatMoney, formatPercent } from './amounts';
import { genreName } from './genres';
import { languageName } from './languages';
import { formatDuration, formatPosition, formatRuntime, relativeTime, spokenPosition } from './time';

describe('times', () => {
  it.each([
    [0, '0:00'],
    [59.4, '0:59'],
    [65, '1:05'],
    [3_723, '1:02:03'],
    [Number.NaN, '0:00'],
    [-3, '0:00'],
  ])('formats position %d as %s', (seconds, shown) => {
    expect(formatPosition(seconds)).toBe(shown);
  });

  it('spells positions out for screen readers', () => {
    expect(spokenPosition(3_661)).toBe('1 hour 1 minute 1 second');
    expect(spokenPosition(120)).toBe('2 minutes');
    expect(spokenPosition(0)).toBe('0 seconds');
  });

  it('shows the same length of a film in the player as on its page', () => {
    expect(formatPosition(11.99)).toBe('0:12');
    expect(spokenPosition(11.99)).toBe('12 seconds');
    expect(formatRuntime(11_990)).toBe('12 s');
    expect(formatDuration(11_990)).toBe('12 s');
  });

  it.each([
    [24_300, '24 s'],
    [540_000, '9 min'],
    [3_600_000, '1 h'],
    [5_520_000, '1 h 32 min'],
  ])('formats a runtime of %d ms as %s', (ms, shown) => {
    expect(formatRuntime(ms)).toBe(shown);
  });

  it.each([
    [412, '0.4 s'],
    [38_400, '38 s'],
    [250_000, '4 min 10 s'],
    [-5, 'under 0.1 s'],
  ])('formats a duration of %d ms as %s', (ms, shown) => {
    expect(formatDuration(ms)).toBe(shown);
  });

  it('formats relative times', () => {
    const now = Date.parse('2026-03-05T12:00:00Z');
    expect(relativeTime('2026-03-05T11:59:40Z', now)).toBe('just now');
    expect(relativeTime('2026-03-05T11:57:00Z', now)).toBe('3 minutes ago');
    expect(relativeTime('2026-03-04T11:00:00Z', now)).toBe('yesterday');
    expect(relativeTime('2025-11-02T12:00:00Z', now)).toBe('Nov 2, 2025');
  });
});

describe('amounts', () => {
  it('formats sizes', () => {
    expect([0, 999, 1_500, 52_000_000, 1_400_000_000].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '52.0 MB',
      '1.4 GB',
    ]);
  });

  it('formats bitrates', () => {
    expect(formatBitrate(750_000)).toBe('750 kbit/s');
    expect(formatBitrate(4_200_000)).toBe('4.2 Mbit/s');
  });

  it('keeps the significant digits of small amounts', () => {
    expect(formatMoney(4_200, 'USD')).toBe('$0.0042');
    expect(formatMoney(20_000_000, 'USD')).toBe('$20.00');
    expect(formatMoney(0, 'USD')).toBe('$0.00');
  });
});

describe('names', () => {
  it('formats genres and languages', () => {
    expect(genreName('science-fiction')).toBe('Science fiction');
    expect(languageName('de')).toBe('German');
    expect(languageName('not a tag')).toBe('not a tag');
  });
});

describe('counts and shares', () => {
  it('groups digits', () => {
    expect(formatCount(999)).toBe('999');
    expect(formatCount(10_000_000)).toBe('10,000,000');
  });

  it.each([
    [0, '0%'],
    [0.004, '0.4%'],
    [0.214, '21%'],
    [1, '100%'],
  ])('formats a share of %d as %s', (share, shown) => {
    expect(formatPercent(share)).toBe(shown);
  });
});
