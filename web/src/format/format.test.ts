import { describe, expect, it } from 'vitest';
import { bitrate, bytes, count, money, percent } from './amounts';
import { genreName } from './genres';
import { languageName } from './languages';
import { ago, clock, runtime, spokenClock, took } from './time';

describe('times', () => {
  it.each([
    [0, '0:00'],
    [59.9, '0:59'],
    [65, '1:05'],
    [3_723, '1:02:03'],
    [Number.NaN, '0:00'],
    [-3, '0:00'],
  ])('shows position %d as %s', (seconds, shown) => {
    expect(clock(seconds)).toBe(shown);
  });

  it('reads positions aloud', () => {
    expect(spokenClock(3_661)).toBe('1 hour 1 minute 1 second');
    expect(spokenClock(120)).toBe('2 minutes');
    expect(spokenClock(0)).toBe('0 seconds');
  });

  it.each([
    [24_300, '24 s'],
    [540_000, '9 min'],
    [3_600_000, '1 h'],
    [5_520_000, '1 h 32 min'],
  ])('shows a length of %d ms as %s', (ms, shown) => {
    expect(runtime(ms)).toBe(shown);
  });

  it.each([
    [412, '0.4 s'],
    [38_400, '38 s'],
    [250_000, '4 min 10 s'],
    [-5, '0.0 s'],
  ])('shows work of %d ms as %s', (ms, shown) => {
    expect(took(ms)).toBe(shown);
  });

  it('tells how long ago something was', () => {
    const now = Date.parse('2026-03-05T12:00:00Z');
    expect(ago('2026-03-05T11:59:40Z', now)).toBe('just now');
    expect(ago('2026-03-05T11:57:00Z', now)).toBe('3 minutes ago');
    expect(ago('2026-03-04T11:00:00Z', now)).toBe('yesterday');
    expect(ago('2025-11-02T12:00:00Z', now)).toBe('Nov 2, 2025');
  });
});

describe('amounts', () => {
  it('shows sizes', () => {
    expect([0, 999, 1_500, 52_000_000, 1_400_000_000].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '52.0 MB',
      '1.4 GB',
    ]);
  });

  it('shows rates', () => {
    expect(bitrate(750_000)).toBe('750 kbit/s');
    expect(bitrate(4_200_000)).toBe('4.2 Mbit/s');
  });

  it('keeps the digits of small sums', () => {
    expect(money(4_200, 'USD')).toBe('$0.0042');
    expect(money(20_000_000, 'USD')).toBe('$20.00');
    expect(money(0, 'USD')).toBe('$0.00');
  });
});

describe('names', () => {
  it('reads genres and languages', () => {
    expect(genreName('science-fiction')).toBe('Science fiction');
    expect(languageName('de')).toBe('German');
    expect(languageName('not a tag')).toBe('not a tag');
  });
});

describe('counts and shares', () => {
  it('groups the digits of what is many', () => {
    expect(count(999)).toBe('999');
    expect(count(10_000_000)).toBe('10,000,000');
  });

  it.each([
    [0, '0 %'],
    [0.004, '0.4 %'],
    [0.214, '21 %'],
    [1, '100 %'],
  ])('shows a share of %d as %s', (share, shown) => {
    expect(percent(share)).toBe(shown);
  });
});
