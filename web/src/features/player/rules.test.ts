import { describe, expect, it } from 'vitest';
import { nextSpeed, rungsOf, sameFiles, swapToken, tapAction } from './rules';
import { commandOf } from './shortcuts';

const asset = '0197a000-0000-7000-8000-000000001388';
const fresh = `/media/k1.200.aa.bb.new/${asset}/1/hls/master.m3u8`;

describe('swapToken', () => {
  it('replaces the token in URLs of the same files', () => {
    expect(swapToken(`https://films.example/media/k0.100.aa.bb.old/${asset}/1/hls/720p/7.m4s?x=1`, fresh)).toBe(
      `https://films.example/media/k1.200.aa.bb.new/${asset}/1/hls/720p/7.m4s?x=1`,
    );
  });

  it('keeps URLs that the token does not cover', () => {
    const others = [
      `/media/k0.100.aa.bb.old/${asset}/2/hls/7.m4s`,
      '/media/k0.100.aa.bb.old/another/1/hls/7.m4s',
      '/images/a.jpg',
      'https://elsewhere.example/key',
    ];
    for (const url of others) expect(swapToken(url, fresh)).toBe(url);
  });
});

it('compares the files of two URLs', () => {
  expect(sameFiles(fresh, fresh.replace('new', 'newer'))).toBe(true);
  expect(sameFiles(fresh, fresh.replace('/1/', '/2/'))).toBe(false);
  expect(sameFiles('/x', '/x')).toBe(false);
});

describe('rungsOf', () => {
  it('lists the best first, named by their short side', () => {
    const rungs = rungsOf([
      { width: 640, height: 360, bitrate: 700_000 },
      { width: 1920, height: 1080, bitrate: 5_000_000 },
      { width: 720, height: 1280, bitrate: 2_500_000 },
    ]);
    expect(rungs.map(({ level, name }) => [level, name])).toEqual([
      [1, '1080p'],
      [2, '720p'],
      [0, '360p'],
    ]);
  });

  it('adds the bitrate to rungs of the same size', () => {
    const rungs = rungsOf([
      { width: 1280, height: 720, bitrate: 1_500_000 },
      { width: 1280, height: 720, bitrate: 3_000_000 },
    ]);
    expect(rungs.map(({ name }) => name)).toEqual(['720p, 3.0 Mbit/s', '720p, 1.5 Mbit/s']);
  });
});

it('steps through the speeds and stops at both ends', () => {
  expect(nextSpeed(1, 1)).toBe(1.25);
  expect(nextSpeed(1, -1)).toBe(0.75);
  expect(nextSpeed(2, 1)).toBe(2);
  expect(nextSpeed(0.5, -1)).toBe(0.5);
});

describe('shortcuts', () => {
  const press = (key: string, store = {}) =>
    commandOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...store });

  it.each([
    [' ', { do: 'toggle-play' }],
    ['K', { do: 'toggle-play' }],
    ['j', { do: 'seek-by', seconds: -10 }],
    ['ArrowRight', { do: 'seek-by', seconds: 5 }],
    ['7', { do: 'seek-to', fraction: 0.7 }],
    ['>', { do: 'speed', direction: 1 }],
    ['?', { do: 'help' }],
    ['x', undefined],
  ])('reads %s', (key, command) => {
    expect(press(key)).toEqual(command);
  });

  it("leaves the browser's own keys alone", () => {
    expect(press('f', { ctrlKey: true })).toBeUndefined();
    expect(press('ArrowLeft', { altKey: true })).toBeUndefined();
  });
});

it.each([
  [0.1, 2_000, 'show-controls'],
  [0.1, 200, -10],
  [0.9, 200, 10],
  [0.5, 200, 'toggle-play'],
])('a tap at %d of the width, %d ms after another, means %s', (at, since, means) => {
  expect(tapAction(at, since)).toBe(means);
});
